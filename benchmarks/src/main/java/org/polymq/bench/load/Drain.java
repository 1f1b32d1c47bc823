/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.jspecify.annotations.Nullable;
import org.polymq.bench.Fields;
import org.polymq.bench.ProcStat;

/** Consumes what is already stored, with a consumer group that did not exist before. */
final class Drain {
    private static final long AFTERWARDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String nameServer;
    private final ProcStat broker;
    private int groups;

    Drain(String nameServer, ProcStat broker) {
        this.nameServer = nameServer;
        this.broker = broker;
    }

    /**
     * The messages 0 to {@code messages} - 1 of {@code topic} with a push consumer, measured from the first message it
     * hands over to the last. With {@code window=N} also the rate of the first and of the last N messages. The figures
     * say what is missing, doubled and out of order; see {@link Checklist#figures}.
     */
    Fields push(Fields settings) throws Exception {
        long wanted = settings.number("messages", 100_000);
        Progress progress = new Progress(wanted, settings.number("window", 0));
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(nextGroup());
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName(consumer.getConsumerGroup());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeMessageBatchMaxSize(settings.count("consume-batch", 1));
        consumer.subscribe(settings.text("topic", "bench-fill"), "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            progress.count(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        try {
            return progress.await(settings.number("timeout", 300));
        } finally {
            consumer.shutdown();
        }
    }

    /** The same with the lite pull consumer. */
    Fields lite(Fields settings) throws Exception {
        Progress progress = new Progress(settings.number("messages", 100_000), settings.number("window", 0));
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(nextGroup());
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName(consumer.getConsumerGroup());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPullBatchSize(settings.count("pull-batch", 32));
        consumer.subscribe(settings.text("topic", "bench-fill"), "*");
        consumer.start();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.number("timeout", 300));
            while (!progress.complete() && System.nanoTime() < end) {
                progress.count(consumer.poll(1_000));
            }
            return progress.await(0);
        } finally {
            consumer.shutdown();
        }
    }

    /** Pulls the one message of every {@code every}-th of {@code topics} topics and checks that it is there. */
    @SuppressWarnings("deprecation") // the plain pull consumer needs no subscription per topic
    Fields sample(Fields settings) throws Exception {
        String prefix = settings.text("prefix", "scale-");
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(nextGroup());
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName(consumer.getConsumerGroup());
        consumer.start();
        try {
            String brokerName = consumer.fetchSubscribeMessageQueues(prefix + "0")
                    .iterator()
                    .next()
                    .getBrokerName();
            long found = 0;
            long missing = 0;
            Measurement measurement = Measurement.begin(broker);
            for (int n = 0; n < settings.count("topics", 100_000); n += settings.count("every", 100)) {
                MessageQueue queue = new MessageQueue(prefix + n, brokerName, 0);
                PullResult result = consumer.pull(queue, "*", 0, 1);
                if (result.getPullStatus() == PullStatus.FOUND) {
                    found++;
                } else {
                    missing++;
                }
            }
            return measurement.end(found).with("missing", missing);
        } finally {
            consumer.shutdown();
        }
    }

    private String nextGroup() {
        return "bench-group-" + ProcessHandle.current().pid() + "-" + groups++;
    }

    /** Ticks messages off and keeps the times that matter. Safe from any thread. */
    private final class Progress {
        private final long wanted;
        private final long window;
        private final Checklist list;
        private final AtomicLong firstWindowEnd = new AtomicLong();
        private final AtomicLong lastWindowStart = new AtomicLong();
        private final AtomicReference<@Nullable Measurement> measurement = new AtomicReference<>();
        private final AtomicLong startNanos = new AtomicLong();
        private final AtomicLong endNanos = new AtomicLong();
        private volatile Fields figures = Fields.none();
        private final CountDownLatch done = new CountDownLatch(1);

        Progress(long wanted, long window) {
            this.wanted = wanted;
            this.window = window;
            this.list = new Checklist(wanted);
        }

        boolean complete() {
            return done.getCount() == 0;
        }

        void count(List<MessageExt> messages) {
            if (messages.isEmpty()) {
                return;
            }
            if (measurement.get() == null) {
                synchronized (this) {
                    if (measurement.get() == null) {
                        startNanos.set(System.nanoTime());
                        measurement.set(Measurement.begin(broker));
                    }
                }
            }
            for (MessageExt message : messages) {
                list.tick(message.getBody(), message.getQueueId(), message.getQueueOffset());
            }
            long after = list.distinct();
            if (after >= window) {
                firstWindowEnd.compareAndSet(0, System.nanoTime());
            }
            if (after >= wanted - window) {
                lastWindowStart.compareAndSet(0, System.nanoTime());
            }
            if (list.complete() && endNanos.compareAndSet(0, System.nanoTime())) {
                Measurement begun = measurement.get();
                if (begun != null) {
                    figures = begun.end(wanted);
                }
                done.countDown();
            }
        }

        /** Waits until every message came, and a little longer for what should not come. */
        Fields await(long seconds) throws InterruptedException {
            if (!done.await(seconds, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        list.figures(Fields.none().with("wanted", wanted)).toString());
            }
            LockSupport.parkNanos(AFTERWARDS_NANOS);
            Fields result = list.figures(figures);
            if (window > 0) {
                result = result.with("first_rate", rate(firstWindowEnd.get() - startNanos.get()))
                        .with("last_rate", rate(endNanos.get() - lastWindowStart.get()));
            }
            return result;
        }

        private long rate(long nanos) {
            return Math.round(window / (nanos / 1e9));
        }
    }
}
