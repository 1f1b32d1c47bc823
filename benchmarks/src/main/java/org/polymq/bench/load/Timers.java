/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.polymq.bench.Fields;
import org.polymq.bench.LatencyHistogram;
import org.polymq.bench.ProcStat;

/** Sends messages that are due later, and measures how late they are. */
final class Timers {
    private static final int IN_FLIGHT = 512;
    private static final int HEADER = 16;

    private final String nameServer;
    private final ProcStat broker;
    private final Sender sender;

    Timers(String nameServer, ProcStat broker, Sender sender) {
        this.nameServer = nameServer;
        this.broker = broker;
        this.sender = sender;
    }

    /**
     * Sends {@code messages} of {@code size} bytes that are due at random within {@code spread} seconds, beginning at
     * {@code from} (ms since the epoch).
     */
    Fields stage(Fields settings) throws Exception {
        String topic = settings.text("topic", "bench-timers");
        int messages = settings.count("messages", 100_000);
        long from = settings.number("from", 0);
        long spread = settings.number("spread", 60) * 1_000;
        Semaphore room = new Semaphore(IN_FLIGHT);
        AtomicLong failed = new AtomicLong();
        SendCallback callback = new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
                room.release();
            }

            @Override
            public void onException(Throwable cause) {
                failed.incrementAndGet();
                room.release();
            }
        };
        sender.firstQueue(topic);
        Measurement measurement = Measurement.begin(broker);
        for (int number = 0; number < messages; number++) {
            long due = from + ThreadLocalRandom.current().nextLong(spread);
            byte[] body = new byte[Math.max(HEADER, settings.count("size", 256))];
            ByteBuffer.wrap(body).putLong(due).putLong(number);
            Message message = new Message(topic, "", body);
            message.setDeliverTimeMs(due);
            room.acquire();
            sender.producer().send(message, callback);
        }
        room.acquire(IN_FLIGHT);
        return measurement.end(messages - failed.get()).with("failed", failed.get());
    }

    /**
     * Consumes {@code messages} and tells how long after they were due the broker stored them for consumers
     * ({@code late}) and the consumer had them ({@code seen_late}).
     */
    Fields deliver(Fields settings) throws Exception {
        int wanted = settings.count("messages", 100_000);
        BitSet seen = new BitSet(wanted);
        AtomicLong doubled = new AtomicLong();
        AtomicLong early = new AtomicLong();
        AtomicLong latest = new AtomicLong();
        LatencyHistogram stored = new LatencyHistogram();
        LatencyHistogram consumed = new LatencyHistogram();
        CountDownLatch left = new CountDownLatch(wanted);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("bench-timers");
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName("bench-timers");
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeMessageBatchMaxSize(32);
        consumer.subscribe(settings.text("topic", "bench-timers"), "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            long now = System.currentTimeMillis();
            for (MessageExt message : messages) {
                ByteBuffer body = ByteBuffer.wrap(message.getBody());
                long due = body.getLong();
                boolean isNew;
                synchronized (seen) {
                    int number = (int) body.getLong();
                    isNew = !seen.get(number);
                    seen.set(number);
                }
                long late = message.getStoreTimestamp() - due;
                early.addAndGet(late < 0 || now < due ? 1 : 0);
                latest.accumulateAndGet(late, Math::max);
                stored.record(TimeUnit.MILLISECONDS.toNanos(late));
                consumed.record(TimeUnit.MILLISECONDS.toNanos(now - due));
                if (isNew) {
                    left.countDown();
                } else {
                    doubled.incrementAndGet();
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        Measurement measurement = Measurement.begin(broker);
        consumer.start();
        try {
            left.await(settings.number("timeout", 600), TimeUnit.SECONDS);
            Fields figures = measurement
                    .end(wanted - left.getCount())
                    .with("missing", left.getCount())
                    .with("doubled", doubled.get())
                    .with("early", early.get())
                    .with("late_max_ms", latest.get());
            return Measurement.withLatency(Measurement.withLatency(figures, "late", stored), "seen_late", consumed);
        } finally {
            consumer.shutdown();
        }
    }
}
