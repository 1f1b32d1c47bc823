/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Runs a rule many times with random input; a failure names the seed, {@code -Dpolymq.seed} repeats it. */
final class Seeded {
    private Seeded() {}

    static void times(int times, Consumer<SplittableRandom> rule) {
        long seed = Long.getLong("polymq.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < times; i++) {
            try {
                rule.accept(random);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("run " + i + " with -Dpolymq.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** Text of pieces that are likely to be mistaken for something else. */
    static String text(SplittableRandom random, String... pieces) {
        StringBuilder text = new StringBuilder();
        int count = random.nextInt(8);
        for (int i = 0; i < count; i++) {
            switch (random.nextInt(6)) {
                case 0 -> text.appendCodePoint(codePoint(random));
                case 1 -> text.append((char) ('a' + random.nextInt(26)));
                default -> text.append(pieces[random.nextInt(pieces.length)]);
            }
        }
        return text.toString();
    }

    static int codePoint(SplittableRandom random) {
        int bound = 1 << (7 + random.nextInt(14));
        int c = 1 + random.nextInt(Math.min(bound, Character.MAX_CODE_POINT));
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 'x' : c;
    }

    static byte[] bytes(SplittableRandom random, int max) {
        byte[] bytes = new byte[random.nextInt(max)];
        random.nextBytes(bytes);
        return bytes;
    }
}
