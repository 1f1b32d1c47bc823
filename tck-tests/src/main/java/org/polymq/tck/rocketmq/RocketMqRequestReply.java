/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.RequestTimeoutException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.client.RequestReply;
import org.polymq.tck.server.Endpoints;

/** {@code DefaultMQProducer.request}, and answers by {@code MessageUtil.createReplyMessage}. */
public final class RocketMqRequestReply implements RequestReply {
    private final Endpoints server;
    private final DefaultMQProducer producer = new DefaultMQProducer("asking-" + UUID.randomUUID());
    private volatile @Nullable DefaultMQPushConsumer consumer;
    private volatile String refusal = "";

    public RocketMqRequestReply(Endpoints server) throws Exception {
        this.server = server;
        Clients.of(server, producer).setSendMsgTimeout(Clients.PATIENCE_MILLIS);
        producer.start();
    }

    @Override
    public String ask(String topic, String text, Duration patience) throws Exception {
        try {
            Message answer = producer.request(new Message(topic, text.getBytes(UTF_8)), patience.toMillis());
            return new String(answer.getBody(), UTF_8);
        } catch (RequestTimeoutException e) {
            TimeoutException late = new TimeoutException(e.getMessage());
            late.initCause(e);
            throw late;
        }
    }

    @Override
    public void answer(String topic, UnaryOperator<String> answers) throws Exception {
        DefaultMQPushConsumer answering =
                Clients.of(server, new DefaultMQPushConsumer("answering-" + UUID.randomUUID()));
        answering.setPollNameServerInterval(1_000);
        answering.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        answering.subscribe(topic, "*");
        answering.registerMessageListener((MessageListenerConcurrently) (requests, context) -> {
            requests.forEach(request -> answer(request, answers));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        answering.start();
        consumer = answering;
    }

    private void answer(MessageExt request, UnaryOperator<String> answers) {
        String text = answers.apply(new String(request.getBody(), UTF_8));
        if (text == null) {
            return;
        }
        try {
            producer.send(MessageUtil.createReplyMessage(request, text.getBytes(UTF_8)));
        } catch (Exception e) { // a client that tried several times says so, and why in the cause
            Throwable cause = e.getCause() == null ? e : e.getCause();
            refusal = cause instanceof MQBrokerException refused
                    ? refused.getResponseCode() + " " + refused.getErrorMessage()
                    : cause.toString();
        }
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public void close() {
        DefaultMQPushConsumer open = consumer;
        if (open != null) {
            open.shutdown();
        }
        producer.shutdown();
    }
}
