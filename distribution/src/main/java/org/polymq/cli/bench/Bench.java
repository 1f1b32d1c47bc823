/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.bench;

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Some threads send, each waiting for each acknowledgement, while a consumer drains. */
final class Bench {
    private static final int BAR = 30;
    /** After so long without another message the rest counts as missing. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BenchClient client;
    private final int messages;
    private final int threads;
    private final byte[] pattern;
    private final @Nullable PrintStream progress;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final long[] sendNanos;
    private final long[] wayNanos;

    /**
     * What came out; times in ms.
     *
     * @param missing messages that did not arrive within 10 s after the last that did
     */
    record Result(
            int messages,
            int size,
            int threads,
            double sentPerSecond,
            double receivedPerSecond,
            double sendP50,
            double sendP99,
            double endToEndP50,
            double endToEndP99,
            long missing) {}

    /** @param progress where a bar is drawn, or null */
    Bench(BenchClient client, int messages, int size, int threads, @Nullable PrintStream progress) {
        this.client = client;
        this.messages = messages;
        this.threads = threads;
        this.pattern = new byte[size];
        this.progress = progress;
        this.sendNanos = new long[messages];
        this.wayNanos = new long[messages];
    }

    Result run() throws Exception {
        client.consume(this::arrived);
        long began = System.nanoTime();
        List<Thread> senders = new ArrayList<>();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> sendAll(failure), "bench-sender-" + i);
            thread.start();
            senders.add(thread);
        }
        for (Thread sender : senders) {
            do {
                sender.join(200);
                show();
            } while (sender.isAlive());
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw failed;
        }
        long allSent = System.nanoTime();
        long allReceived = drain();
        return result(allSent - began, allReceived - began);
    }

    private void sendAll(AtomicReference<@Nullable Exception> failure) {
        try (BenchClient.Sender sender = client.sender()) {
            for (long n = sent.getAndIncrement(); n < messages && failure.get() == null; n = sent.getAndIncrement()) {
                byte[] body = pattern.clone();
                long began = System.nanoTime();
                ByteBuffer.wrap(body).putLong(began);
                sender.send(body);
                sendNanos[(int) n] = System.nanoTime() - began;
            }
        } catch (Exception e) {
            failure.compareAndSet(null, e);
        }
    }

    private void arrived(byte[] body) {
        long n = received.getAndIncrement();
        if (n < messages) {
            wayNanos[(int) n] = System.nanoTime() - ByteBuffer.wrap(body).getLong();
        }
    }

    private long drain() {
        long seen = received.get();
        long last = System.nanoTime();
        while (received.get() < messages && System.nanoTime() - last < PATIENCE.toNanos()) {
            LockSupport.parkNanos(1_000_000);
            if (received.get() != seen) {
                seen = received.get();
                last = System.nanoTime();
                show();
            }
        }
        show();
        if (progress != null) {
            progress.println();
        }
        return last;
    }

    private void show() {
        if (progress != null) {
            long done = Math.min(messages, received.get());
            int full = (int) (BAR * done / messages);
            progress.printf(
                    "\r[%s%s] sent %,d  received %,d of %,d",
                    "#".repeat(full), " ".repeat(BAR - full), Math.min(messages, sent.get()), done, messages);
            progress.flush();
        }
    }

    private Result result(long sendTime, long receiveTime) {
        int arrived = (int) Math.min(messages, received.get());
        Arrays.sort(sendNanos);
        long[] way = Arrays.copyOf(wayNanos, arrived);
        Arrays.sort(way);
        return new Result(
                messages,
                pattern.length,
                threads,
                Math.rint(messages * 1e9 / sendTime),
                Math.rint(arrived * 1e9 / Math.max(1, receiveTime)),
                millis(sendNanos, 0.5),
                millis(sendNanos, 0.99),
                millis(way, 0.5),
                millis(way, 0.99),
                messages - (long) arrived);
    }

    private static double millis(long[] sorted, double quantile) {
        return sorted.length == 0 ? 0 : Math.rint(sorted[(int) ((sorted.length - 1) * quantile)] / 1e4) / 100;
    }
}
