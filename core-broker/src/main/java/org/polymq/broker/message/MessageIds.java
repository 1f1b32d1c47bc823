/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes ids of the form of RocketMQ's {@code UNIQ_KEY}: 32 upper-case hexadecimal digits of an address, a process, a
 * salt, the milliseconds since the month began and a counter.
 *
 * <p>Safe from any thread.
 */
public final class MessageIds {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 32;

    private final byte[] prefix;
    private final InstantSource clock;
    private final AtomicInteger counter = new AtomicInteger();
    private volatile Month month;

    private record Month(long start, long end) {}

    /**
     * @param address the broker's address, its last four bytes are used
     * @param process the process id, its low 16 bits are used
     * @param salt keeps two brokers of the same address and process apart
     */
    public MessageIds(byte[] address, long process, int salt, InstantSource clock) {
        this.clock = clock;
        this.prefix = new byte[20];
        for (int i = 0; i < 4; i++) {
            int at = address.length - 4 + i;
            put(prefix, 2 * i, at < 0 ? 0 : address[at], 1);
        }
        put(prefix, 8, process, 2);
        put(prefix, 12, salt, 4);
        this.month = monthOf(clock.millis());
    }

    /** A new id. */
    public String next() {
        return new String(nextBytes(), StandardCharsets.US_ASCII);
    }

    byte[] nextBytes() {
        long now = clock.millis();
        Month current = month;
        if (now < current.start || now >= current.end) {
            current = monthOf(now);
            month = current;
        }
        byte[] id = new byte[LENGTH];
        System.arraycopy(prefix, 0, id, 0, prefix.length);
        put(id, 20, now - current.start, 4);
        put(id, 28, counter.getAndIncrement(), 2);
        return id;
    }

    private static Month monthOf(long millis) {
        var first = Instant.ofEpochMilli(millis)
                .atZone(ZoneOffset.systemDefault())
                .toLocalDate()
                .withDayOfMonth(1);
        var zone = ZoneOffset.systemDefault();
        return new Month(
                first.atStartOfDay(zone).toInstant().toEpochMilli(),
                first.plusMonths(1).atStartOfDay(zone).toInstant().toEpochMilli());
    }

    private static void put(byte[] out, int at, long value, int bytes) {
        for (int i = 0; i < 2 * bytes; i++) {
            out[at + i] = HEX[(int) (value >>> (4 * (2 * bytes - 1 - i))) & 15];
        }
    }
}
