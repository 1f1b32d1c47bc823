/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.polymq.bench.Fields;
import org.polymq.bench.LatencyHistogram;
import org.polymq.bench.ProcStat;

/** Sends at a fixed rate and measures how long acknowledgement and delivery take. */
final class Pace {
    private final String nameServer;
    private final ProcStat broker;
    private final Sender sender;
    private int groups;

    Pace(String nameServer, ProcStat broker, Sender sender) {
        this.nameServer = nameServer;
        this.broker = broker;
        this.sender = sender;
    }

    /** {@code rate} messages a second of {@code size} bytes for {@code secs} seconds, one push consumer. */
    Fields run(Fields settings) throws Exception {
        String topic = settings.text("topic", "bench-latency");
        long rate = settings.number("rate", 1_000);
        long wanted = rate * settings.number("secs", 10);
        int size = Math.max(Long.BYTES, settings.count("size", 1024));
        LatencyHistogram acknowledged = new LatencyHistogram();
        LatencyHistogram delivered = new LatencyHistogram();
        AtomicLong answers = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        AtomicLong received = new AtomicLong();
        Set<Integer> attached = ConcurrentHashMap.newKeySet();
        DefaultMQPushConsumer consumer = consumer(topic, delivered, received, attached);
        try {
            attach(topic, attached);
            Measurement measurement = Measurement.begin(broker);
            long start = System.nanoTime();
            for (long n = 0; n < wanted; n++) {
                long due = start + n * 1_000_000_000L / rate;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                // Times count from when the message was due, so that a stall is not hidden.
                byte[] body = ByteBuffer.allocate(size).putLong(due).array();
                sender.producer().send(new Message(topic, "", body), new SendCallback() {
                    @Override
                    public void onSuccess(SendResult result) {
                        acknowledged.record(System.nanoTime() - due);
                        answers.incrementAndGet();
                    }

                    @Override
                    public void onException(Throwable e) {
                        failed.incrementAndGet();
                        answers.incrementAndGet();
                    }
                });
            }
            waitFor(answers, wanted);
            waitFor(received, wanted - failed.get());
            Fields figures = Measurement.withLatency(measurement.end(wanted), "ack", acknowledged);
            return Measurement.withLatency(figures, "e2e", delivered).with("failed", failed);
        } finally {
            consumer.shutdown();
        }
    }

    /** Sends messages without a time stamp until one came back from every queue: then the consumer reads them all. */
    private void attach(String topic, Set<Integer> attached) throws Exception {
        List<MessageQueue> queues = sender.producer().fetchPublishMessageQueues(topic);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (attached.size() < queues.size()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the consumer reads only queues " + attached + " of " + queues.size());
            }
            for (MessageQueue queue : queues) {
                try {
                    Sender.acknowledged(sender.producer().send(new Message(topic, "", new byte[Long.BYTES]), queue));
                } catch (MQBrokerException busy) {
                    // Not measured yet: the next turn tries again, until the time is over.
                }
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    private DefaultMQPushConsumer consumer(
            String topic, LatencyHistogram delivered, AtomicLong received, Set<Integer> attached) throws Exception {
        String group = "bench-latency-" + ProcessHandle.current().pid() + "-" + groups++;
        Sender.acknowledged(sender.producer().send(new Message(topic, "", new byte[Long.BYTES])));
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName(group);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            long now = System.nanoTime();
            messages.forEach(message -> {
                long due = ByteBuffer.wrap(message.getBody()).getLong();
                if (due == 0) {
                    attached.add(message.getQueueId());
                } else {
                    delivered.record(now - due);
                    received.incrementAndGet();
                }
            });
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return consumer;
    }

    private static void waitFor(AtomicLong counter, long wanted) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (counter.get() < wanted) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("only " + counter + " of " + wanted + " came");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
