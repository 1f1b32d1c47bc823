/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.polymq.bench.Fields;
import org.polymq.bench.LatencyHistogram;
import org.polymq.bench.ProcStat;

/** Sends with one producer of the official client from many threads, each waiting for its answer. */
final class Sender implements AutoCloseable {
    private final ProcStat broker;
    private final DefaultMQProducer producer;

    Sender(String nameServer, ProcStat broker) throws Exception {
        this.broker = broker;
        this.producer = new DefaultMQProducer("bench-producer");
        producer.setNamesrvAddr(nameServer);
        producer.setInstanceName("bench-producer");
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        producer.setSendMsgTimeout(10_000);
        producer.start();
    }

    DefaultMQProducer producer() {
        return producer;
    }

    /** {@code threads} senders of one message at a time, for {@code secs} seconds. */
    Fields send(Fields settings) throws Exception {
        String topic = settings.text("topic", "bench-send");
        byte[] body = body(settings.count("size", 1024));
        return timed(settings, topic, 1, () -> producer.send(new Message(topic, "", body)));
    }

    /** {@code threads} senders of {@code batch} messages at a time, for {@code secs} seconds. */
    Fields batch(Fields settings) throws Exception {
        String topic = settings.text("topic", "bench-batch");
        int size = settings.count("batch", 16);
        byte[] body = body(settings.count("size", 128));
        return timed(settings, topic, size, () -> producer.send(batchOf(topic, size, body)));
    }

    /**
     * Sends {@code messages} in batches of {@code batch} to one queue, or to all with {@code queues=all}, numbered from
     * {@code first} on. {@code messages} of the figures were acknowledged; {@code stored} is what the queues grew by.
     */
    Fields fill(Fields settings) throws Exception {
        String topic = settings.text("topic", "bench-fill");
        int batch = settings.count("batch", 32);
        byte[] filler = body(Math.max(Checklist.HEADER, settings.count("size", 1024)));
        long first = settings.number("first", 0);
        long wanted = settings.number("messages", 100_000);
        MessageQueue queue = firstQueue(topic);
        boolean one = !settings.text("queues", "all").equals("all");
        long before = stored(topic);
        AtomicLong started = new AtomicLong();
        AtomicLong acknowledged = new AtomicLong();
        AtomicInteger senders = new AtomicInteger();
        Measurement measurement = Measurement.begin(broker);
        inParallel(settings.count("threads", 4), () -> {
            int sender = senders.getAndIncrement();
            for (long at = started.getAndAdd(batch); at < wanted; at = started.getAndAdd(batch)) {
                int size = (int) Math.min(batch, wanted - at);
                List<Message> messages = numbered(topic, filler, sender, first + at, size);
                acknowledged(one ? producer.send(messages, queue) : producer.send(messages));
                acknowledged.addAndGet(size);
            }
        });
        return measurement.end(acknowledged.get()).with("stored", stored(topic) - before);
    }

    /** Messages that the queues of a topic have been given so far. */
    @SuppressWarnings("deprecation") // the client has no other way to ask
    private long stored(String topic) throws Exception {
        long stored = 0;
        for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) {
            stored += producer.maxOffset(queue);
        }
        return stored;
    }

    /** One message to each of {@code topics} topics called {@code prefix} and a number, straight to queue 0. */
    Fields topics(Fields settings) throws Exception {
        String prefix = settings.text("prefix", "scale-");
        int topics = settings.count("topics", 100_000);
        byte[] body = body(settings.count("size", 128));
        String brokerName = firstQueue(prefix + "0").getBrokerName();
        AtomicLong next = new AtomicLong();
        Measurement measurement = Measurement.begin(broker);
        inParallel(settings.count("threads", 8), () -> {
            for (long n = next.getAndIncrement(); n < topics; n = next.getAndIncrement()) {
                String topic = prefix + n;
                acknowledged(producer.send(new Message(topic, "", body), new MessageQueue(topic, brokerName, 0)));
            }
        });
        return measurement.end(topics);
    }

    @Override
    public void close() {
        producer.shutdown();
    }

    private Fields timed(Fields settings, String topic, int perCall, SendCall call) throws Exception {
        firstQueue(topic);
        LatencyHistogram latency = new LatencyHistogram();
        AtomicLong sent = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.number("secs", 10));
        Measurement measurement = Measurement.begin(broker);
        inParallel(settings.count("threads", 16), () -> {
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                try {
                    acknowledged(call.send());
                    latency.record(System.nanoTime() - start);
                    sent.addAndGet(perCall);
                } catch (InterruptedException e) {
                    throw e;
                } catch (Exception e) {
                    if (failed.getAndAdd(perCall) == 0) {
                        e.printStackTrace(); // the first tells why, the count tells how many
                    }
                }
            }
        });
        return Measurement.withLatency(measurement.end(sent.get()), "ack", latency)
                .with("failed", failed);
    }

    /** Makes sure that the topic has a route: a broker may accept a while before its name server knows it. */
    MessageQueue firstQueue(String topic) throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (true) {
            try {
                return acknowledged(producer.send(new Message(topic, "", new byte[1])))
                        .getMessageQueue();
            } catch (MQClientException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(200_000_000);
            }
        }
    }

    static SendResult acknowledged(SendResult result) {
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            throw new IllegalStateException("answered " + result.getSendStatus());
        }
        return result;
    }

    private static List<Message> batchOf(String topic, int size, byte[] body) {
        List<Message> messages = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            messages.add(new Message(topic, "", body));
        }
        return messages;
    }

    private static List<Message> numbered(String topic, byte[] filler, int sender, long first, int count) {
        List<Message> messages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte[] body = filler.clone();
            Checklist.number(body, sender, first + i);
            messages.add(new Message(topic, "", body));
        }
        return messages;
    }

    private static byte[] body(int size) {
        byte[] body = new byte[size];
        ThreadLocalRandom.current().nextBytes(body);
        return body;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> {
                    work.run();
                    return 0;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** What one sending thread does. */
    private interface Work {
        void run() throws Exception;
    }

    /** One call of the client that waits for its answer. */
    private interface SendCall {
        SendResult send() throws Exception;
    }
}
