/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/** Makes official clients that look for routes often, and shuts them all down. */
final class OfficialClients {
    private static final AtomicInteger INSTANCES = new AtomicInteger();

    private final String nameServer;
    private final Queue<Runnable> shutdowns = new ConcurrentLinkedQueue<>();

    OfficialClients(String nameServer) {
        this.nameServer = nameServer;
    }

    DefaultMQProducer producer(String group) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(group);
        producer.setNamesrvAddr(nameServer);
        producer.setInstanceName("i" + INSTANCES.incrementAndGet());
        producer.setPollNameServerInterval(500);
        producer.setSendMsgTimeout(10_000);
        producer.start();
        shutdowns.add(producer::shutdown);
        return producer;
    }

    /** Not started yet. */
    DefaultMQPushConsumer consumer(String group) {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName("i" + INSTANCES.incrementAndGet());
        consumer.setPollNameServerInterval(500);
        consumer.setHeartbeatBrokerInterval(1000);
        consumer.setPersistConsumerOffsetInterval(500);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(2);
        consumer.setConsumeThreadMax(4);
        shutdowns.add(consumer::shutdown);
        return consumer;
    }

    /** Has each member get every message: the enum has another package in 4.9 than in 5.x. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static void broadcasting(DefaultMQPushConsumer consumer) throws Exception {
        Class type = DefaultMQPushConsumer.class.getMethod("getMessageModel").getReturnType();
        DefaultMQPushConsumer.class
                .getMethod("setMessageModel", type)
                .invoke(consumer, Enum.valueOf(type, "BROADCASTING"));
    }

    /** Not started yet. */
    DefaultLitePullConsumer litePullConsumer(String group) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(group);
        consumer.setNamesrvAddr(nameServer);
        consumer.setInstanceName("i" + INSTANCES.incrementAndGet());
        consumer.setPollNameServerInterval(500);
        consumer.setHeartbeatBrokerInterval(1000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        shutdowns.add(consumer::shutdown);
        return consumer;
    }

    /** Clients of 5.x take seconds to shut down: all at once. */
    void close() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(shutdowns.size());
        for (Runnable shutdown : shutdowns) {
            new Thread(() -> {
                        try {
                            shutdown.run();
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }
        if (!done.await(2, TimeUnit.MINUTES)) {
            throw new AssertionError("clients do not shut down");
        }
    }
}
