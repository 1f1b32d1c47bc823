/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.bench;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;

/** Apache RocketMQ's client: a producer that all threads share, and a push consumer. */
final class NativeBenchClient implements BenchClient {
    private static final int QUEUES = 4;
    private static final Duration ROUTE_PATIENCE = Duration.ofSeconds(10);

    private final String topic;
    private final DefaultMQProducer producer;
    private final DefaultMQPushConsumer consumer;

    NativeBenchClient(String nameServer, String topic) throws MQClientException {
        this.topic = topic;
        this.producer = new DefaultMQProducer(topic + "-producer");
        this.consumer = new DefaultMQPushConsumer(topic + "-consumer");
        producer.setNamesrvAddr(nameServer);
        consumer.setNamesrvAddr(nameServer);
        producer.start();
        createTopic();
    }

    @SuppressWarnings("deprecation") // in favour of the admin tools, a library of their own
    private void createTopic() throws MQClientException {
        producer.createTopic("TBW102", topic, QUEUES);
        long end = System.nanoTime() + ROUTE_PATIENCE.toNanos();
        while (true) {
            try {
                producer.fetchPublishMessageQueues(topic);
                return;
            } catch (MQClientException noRouteYet) {
                if (System.nanoTime() > end) {
                    throw noRouteYet;
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    @Override
    public void consume(Consumer<byte[]> each) throws MQClientException {
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> each.accept(message.getBody()));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
    }

    @Override
    public Sender sender() {
        return new Sender() {
            @Override
            public void send(byte[] body) throws Exception {
                SendResult result = producer.send(new Message(topic, body));
                if (result.getSendStatus() != SendStatus.SEND_OK) {
                    throw new IllegalStateException("the broker answered " + result.getSendStatus());
                }
            }

            @Override
            public void close() {
                // The producer is shared.
            }
        };
    }

    @Override
    public void close() {
        consumer.shutdown();
        producer.shutdown();
    }
}
