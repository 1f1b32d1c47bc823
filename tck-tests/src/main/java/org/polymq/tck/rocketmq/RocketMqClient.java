/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.client.NativeClient;
import org.polymq.tck.server.Endpoints;

/** RocketMQ's producer and push consumer. */
public final class RocketMqClient implements NativeClient {
    private static final int ROUTE_MILLIS = 1_000;

    private final Endpoints server;
    private final DefaultMQProducer producer;
    private final List<Got> got = new CopyOnWriteArrayList<>();
    private @Nullable DefaultMQPushConsumer consumer;

    /** A client whose producer belongs to a group. */
    public RocketMqClient(Endpoints server, String producerGroup) throws Exception {
        this.server = server;
        this.producer = new DefaultMQProducer(producerGroup);
        Clients.of(server, producer).setSendMsgTimeout(Clients.PATIENCE_MILLIS);
        producer.setPollNameServerInterval(ROUTE_MILLIS);
        producer.setHeartbeatBrokerInterval(ROUTE_MILLIS);
        producer.start();
    }

    @Override
    public Sent send(String topic, String text, String key, String tag) throws Exception {
        Message message = new Message(topic, tag, key, text.getBytes(UTF_8));
        return sent(producer.send(message));
    }

    @Override
    public Sent send(String topic, int queueId, String text) throws Exception {
        return sent(producer.send(
                new Message(topic, text.getBytes(UTF_8)),
                (queues, message, wanted) -> queues.stream()
                        .filter(queue -> wanted.equals(queue.getQueueId()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no queue " + wanted + " among " + queues)),
                queueId));
    }

    private static Sent sent(SendResult result) {
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            throw new IllegalStateException("answered " + result.getSendStatus());
        }
        return new Sent(
                result.getMsgId(),
                result.getOffsetMsgId(),
                result.getMessageQueue().getQueueId(),
                result.getQueueOffset());
    }

    @Override
    public void consume(String group, String topic, Consumer<Got> application) throws Exception {
        DefaultMQPushConsumer starting = Clients.of(server, new DefaultMQPushConsumer(group));
        starting.setPollNameServerInterval(ROUTE_MILLIS);
        starting.setHeartbeatBrokerInterval(ROUTE_MILLIS);
        starting.setConsumeThreadMin(1);
        starting.setConsumeThreadMax(1);
        starting.setPersistConsumerOffsetInterval(500);
        starting.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        starting.subscribe(topic, "*");
        starting.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> {
                application.accept(got(message));
                got.add(got(message));
            });
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        try {
            starting.start();
        } catch (MQClientException | RuntimeException e) {
            starting.shutdown(); // it may be a member of its group already
            throw e;
        }
        consumer = starting;
    }

    private static Got got(MessageExt message) {
        return new Got(message.getQueueId(), message.getQueueOffset(), new String(message.getBody(), UTF_8));
    }

    @Override
    public List<Got> got() {
        return List.copyOf(got);
    }

    @Override
    public String consumerId() {
        if (consumer == null) {
            throw new IllegalStateException("it does not consume");
        }
        return consumer.buildMQClientId();
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.shutdown();
        }
        producer.shutdown();
    }
}
