/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.polymq.tck.client.Incoming;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RefusedException;
import org.polymq.tck.client.Subscriber;
import org.polymq.tck.server.Endpoints;

/** RocketMQ's client: an ordered producer and an orderly push consumer. One instance per client version. */
public final class RocketMqProtocol implements Protocol {
    private final String name;
    private final boolean anyQueue;
    private final int routeMillis;

    /**
     * For a version whose classes this class was loaded with.
     *
     * @param anyQueue whether each message goes to a queue of the client's choice, in no order, and to another broker's
     *     if that one cannot be had; false keeps messages of one key, path or producer in one queue
     * @param routeMillis how often a producer asks the name servers for its routes; 30,000 is its own
     */
    public RocketMqProtocol(String name, boolean anyQueue, int routeMillis) {
        this.name = name;
        this.anyQueue = anyQueue;
        this.routeMillis = routeMillis;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name();
    }

    @Override
    public boolean reconnects() {
        return true;
    }

    @Override
    public Publisher publisher(Endpoints server, String identity, String topic) throws Exception {
        DefaultMQProducer producer = Clients.of(server, new DefaultMQProducer("producers-" + identity));
        producer.setSendMsgTimeout(Clients.PATIENCE_MILLIS);
        producer.setPollNameServerInterval(routeMillis);
        producer.start();
        return new Producer(producer, topic, identity, anyQueue);
    }

    @Override
    public Subscriber subscriber(Endpoints server, String identity, String topic, Consumer<Incoming> sink)
            throws Exception {
        return subscriber(server, identity, List.of(topic), sink);
    }

    /** A subscriber of many topics at once. */
    public Subscriber subscriber(Endpoints server, String identity, List<String> topics, Consumer<Incoming> sink)
            throws Exception {
        DefaultMQPushConsumer consumer = Clients.of(server, new DefaultMQPushConsumer(identity));
        consumer.setPollNameServerInterval(1_000); // topics may appear after the consumer
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPersistConsumerOffsetInterval(500);
        for (String topic : topics) {
            consumer.subscribe(topic, "*");
        }
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            synchronized (sink) { // queues are consumed side by side
                messages.forEach(message -> sink.accept(incoming(message)));
            }
            return ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();
        return consumer::shutdown;
    }

    private static Incoming incoming(MessageExt message) {
        String path = message.getProperty("TOPIC_PATH");
        Map<String, Object> properties = new TreeMap<>(message.getProperties());
        properties.put("#msgId", message.getMsgId());
        properties.put("#reconsumeTimes", message.getReconsumeTimes());
        return new Incoming(
                message.getBody(),
                path == null ? message.getTopic() : message.getTopic() + "/" + path,
                properties,
                Optional.of(new Incoming.Queue(message.getQueueId(), message.getQueueOffset())));
    }

    /** Keeps messages of one group key, else of one path, else all, in one queue; unless any will do. */
    private static final class Producer implements Publisher {
        private final DefaultMQProducer producer;
        private final String topic;
        private final String identity;
        private final boolean anyQueue;
        private final Map<String, MessageQueue> chosen = new ConcurrentHashMap<>();

        Producer(DefaultMQProducer producer, String topic, String identity, boolean anyQueue) {
            this.anyQueue = anyQueue;
            this.producer = producer;
            this.topic = topic;
            this.identity = identity;
        }

        @Override
        public void publish(Outgoing outgoing) throws Exception {
            Message message = new Message(topic, outgoing.body());
            outgoing.keys().ifPresent(message::setKeys);
            outgoing.tag().ifPresent(message::setTags);
            outgoing.path().ifPresent(path -> message.putUserProperty("TOPIC_PATH", path));
            outgoing.groupKey().ifPresent(key -> message.putUserProperty("__SHARDINGKEY", key));
            outgoing.properties().forEach((key, value) -> message.putUserProperty(key, value.toString()));
            String order = outgoing.groupKey().or(outgoing::path).orElse(identity);
            try {
                SendResult result = anyQueue
                        ? producer.send(message)
                        : producer.send(
                                message,
                                (queues, sent, key) -> chosen.computeIfAbsent(
                                        key.toString(), k -> queues.get(Math.floorMod(k.hashCode(), queues.size()))),
                                order);
                if (result.getSendStatus() != SendStatus.SEND_OK) {
                    throw new IllegalStateException("answered " + result.getSendStatus());
                }
            } catch (MQBrokerException e) {
                throw new RefusedException("code " + e.getResponseCode() + ": " + e.getErrorMessage(), e);
            }
        }

        @Override
        public void close() {
            producer.shutdown();
        }
    }
}
