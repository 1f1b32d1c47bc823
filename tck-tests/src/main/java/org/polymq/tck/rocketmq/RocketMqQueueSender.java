/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import org.polymq.tck.client.QueueSender;
import org.polymq.tck.server.Endpoints;

/** RocketMQ's producer of 4.9: that of 5.x makes topics by another method. */
public final class RocketMqQueueSender implements QueueSender {
    /** The client gives each only 3 s, which is short on a busy machine. */
    private static final int CREATE_ATTEMPTS = 5;

    private final DefaultMQProducer producer = new DefaultMQProducer("queue-senders");

    public RocketMqQueueSender(Endpoints server) throws Exception {
        Clients.of(server, producer).setSendMsgTimeout(60_000);
        producer.setRetryTimesWhenSendFailed(0); // a retry would go to another queue
        producer.start();
    }

    @Override
    @SuppressWarnings("deprecation") // what replaces it in later versions takes another parameter
    public void create(String topic, int queues) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                producer.createTopic("TBW102", topic, queues);
                return;
            } catch (MQClientException e) {
                if (attempt == CREATE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void send(String topic, int queue, byte[] body) throws Exception {
        SendResult result = producer.send(
                new Message(topic, body),
                (queues, message, wanted) -> queues.stream()
                        .filter(each -> wanted.equals(each.getQueueId()))
                        .findFirst()
                        .orElseThrow(),
                queue);
        MessageQueue where = result.getMessageQueue();
        if (result.getSendStatus() != SendStatus.SEND_OK || where.getQueueId() != queue) {
            throw new IllegalStateException("answered " + result.getSendStatus() + " for " + where);
        }
    }

    @Override
    public void close() {
        producer.shutdown();
    }
}
