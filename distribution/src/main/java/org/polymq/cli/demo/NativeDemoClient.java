/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** Apache RocketMQ's own client: a producer and a push consumer. */
final class NativeDemoClient implements DemoClient {
    /** A native topic is the first level; the rest is a property of the message. */
    private static final String TOPIC = "demo";

    private static final String PATH_PROPERTY = "TOPIC_PATH";
    private static final String PATH = "greetings";
    private static final int QUEUES = 4;
    private static final Duration ROUTE_PATIENCE = Duration.ofSeconds(10);

    private final Arrivals arrivals = new Arrivals();
    private final DefaultMQProducer producer = new DefaultMQProducer("demo-producer");
    private final DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("demo-consumer");

    NativeDemoClient(String nameServer) throws MQClientException {
        producer.setNamesrvAddr(nameServer);
        producer.start();
        createTopic();
        awaitRoute();
        consumer.setNamesrvAddr(nameServer);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(TOPIC, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> receive(messages));
        consumer.start();
    }

    @SuppressWarnings("deprecation") // in favour of the admin tools, a library of their own
    private void createTopic() throws MQClientException {
        producer.createTopic("TBW102", TOPIC, QUEUES); // on the brokers that have RocketMQ's template topic: all
    }

    /** A consumer that starts before the name server knows its topic looks again only after 20 s. */
    private void awaitRoute() throws MQClientException {
        long end = System.nanoTime() + ROUTE_PATIENCE.toNanos();
        while (true) {
            try {
                producer.fetchPublishMessageQueues(TOPIC);
                return;
            } catch (MQClientException noRouteYet) {
                if (System.nanoTime() > end) {
                    throw noRouteYet;
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    private ConsumeConcurrentlyStatus receive(List<MessageExt> messages) {
        for (MessageExt message : messages) {
            arrivals.add(new String(message.getBody(), UTF_8));
        }
        return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
    }

    @Override
    public String name() {
        return "RocketMQ";
    }

    @Override
    public String topic() {
        return TOPIC + ", " + PATH_PROPERTY + "=" + PATH;
    }

    @Override
    public void publish(String text) throws Exception {
        Message message = new Message(TOPIC, text.getBytes(UTF_8));
        message.putUserProperty(PATH_PROPERTY, PATH);
        SendResult result = producer.send(message);
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            throw new IllegalStateException("the broker answered " + result.getSendStatus());
        }
    }

    @Override
    public boolean awaitArrival(String text, Duration limit) throws InterruptedException {
        return arrivals.await(text, limit);
    }

    @Override
    public void close() {
        consumer.shutdown();
        producer.shutdown();
    }
}
