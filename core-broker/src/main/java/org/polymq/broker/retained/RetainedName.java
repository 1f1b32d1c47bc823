/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.retained;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.polymq.broker.disk.Keys;

/**
 * A topic name, or the beginning of one, as a key: its levels with a zero byte between them, which no name holds (MQTT
 * 5, 1.5.4) and which sorts before every other.
 */
final class RetainedName {
    static final byte SEPARATOR = 0;

    /** Before the first level. */
    static final RetainedName START = new RetainedName(new byte[] {Keys.RETAINED});

    private final byte[] key;

    private RetainedName(byte[] key) {
        this.key = key;
    }

    /** Not to be changed. */
    byte[] key() {
        return key;
    }

    static RetainedName of(String name) {
        byte[] key = Keys.of(Keys.RETAINED, name.getBytes(StandardCharsets.UTF_8));
        for (int i = 1; i < key.length; i++) {
            if (key[i] == '/') {
                key[i] = SEPARATOR;
            }
        }
        return new RetainedName(key);
    }

    /** What every name below this one begins with. */
    RetainedName below() {
        return with(SEPARATOR);
    }

    /** What follows this name and all below it. */
    byte[] afterAll() {
        return with((byte) (SEPARATOR + 1)).key;
    }

    private RetainedName with(byte last) {
        byte[] longer = Arrays.copyOf(key, key.length + 1);
        longer[key.length] = last;
        return new RetainedName(longer);
    }

    /** With more text behind it, in the last level. */
    RetainedName plus(String text) {
        byte[] more = text.getBytes(StandardCharsets.UTF_8);
        byte[] longer = Arrays.copyOf(key, key.length + more.length);
        System.arraycopy(more, 0, longer, key.length, more.length);
        return new RetainedName(longer);
    }

    /** Whether a level of a longer key is a system name's first. */
    boolean isSystemAt(byte[] longer) {
        return key.length == 1 && longer.length > 1 && longer[1] == '$';
    }

    /** The beginning of a longer key up to the end of the level that follows this prefix. */
    RetainedName levelOf(byte[] longer) {
        int end = key.length;
        while (end < longer.length && longer[end] != SEPARATOR) {
            end++;
        }
        return new RetainedName(Arrays.copyOf(longer, end));
    }

    /** The topic name that a key stands for. */
    static String text(byte[] key) {
        byte[] name = Arrays.copyOfRange(key, 1, key.length);
        for (int i = 0; i < name.length; i++) {
            if (name[i] == SEPARATOR) {
                name[i] = '/';
            }
        }
        return new String(name, StandardCharsets.UTF_8);
    }
}
