/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** A topic on all groups, over Apache RocketMQ's own client. */
final class NativeDemoLoad implements DemoLoad {
    private static final String TOPIC = "demo-numbers";
    private static final int QUEUES = 4;
    /** How soon the clients learn of a new leader. */
    private static final int ROUTES_MILLIS = 1_000;

    private final Set<Integer> received = new ConcurrentSkipListSet<>();
    private final DefaultMQProducer producer = new DefaultMQProducer("demo-numbers-producer");
    private final DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("demo-numbers-consumer");

    /**
     * Makes the topic on all groups.
     *
     * @param nameServers {@code host:port} separated by semicolons
     */
    NativeDemoLoad(String nameServers, int groups) throws MQClientException, DemoFailedException, InterruptedException {
        producer.setNamesrvAddr(nameServers);
        producer.setPollNameServerInterval(ROUTES_MILLIS);
        producer.start();
        Persistent.until("making a topic by RocketMQ's client", () -> {
            createTopic();
            long there = producer.fetchPublishMessageQueues(TOPIC).stream()
                    .map(MessageQueue::getBrokerName)
                    .distinct()
                    .count();
            if (there < groups) {
                throw new DemoFailedException("the route names " + there + " of " + groups + " groups");
            }
            return there;
        });
        consumer.setNamesrvAddr(nameServers);
        consumer.setPollNameServerInterval(ROUTES_MILLIS);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(TOPIC, "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(each -> received.add(Integer.parseInt(new String(each.getBody(), UTF_8))));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
    }

    @SuppressWarnings("deprecation") // in favour of the admin tools, a library of their own
    private void createTopic() throws MQClientException {
        producer.createTopic("TBW102", TOPIC, QUEUES); // on the brokers that have RocketMQ's template topic: all
    }

    @Override
    public String name() {
        return "RocketMQ, topic '" + TOPIC + "'";
    }

    @Override
    public void send(int number) throws DemoFailedException, InterruptedException {
        Message message = new Message(TOPIC, Integer.toString(number).getBytes(UTF_8));
        Persistent.until("a send by RocketMQ's client", () -> {
            SendResult result = producer.send(message);
            if (result.getSendStatus() != SendStatus.SEND_OK) {
                throw new DemoFailedException("the broker answered " + result.getSendStatus());
            }
            return number;
        });
    }

    @Override
    public Set<Integer> received() {
        return received;
    }

    @Override
    public void close() {
        consumer.shutdown();
        producer.shutdown();
    }
}
