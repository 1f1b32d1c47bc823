/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.polymq.tck.client.TransactionClient;
import org.polymq.tck.server.Endpoints;

/** {@code TransactionMQProducer} of the group {@code deciders}. */
public final class RocketMqTransactions implements TransactionClient {
    private final TransactionMQProducer producer = new TransactionMQProducer("deciders");

    public RocketMqTransactions(Endpoints server, Application application) throws Exception {
        Clients.of(server, producer).setSendMsgTimeout(Clients.PATIENCE_MILLIS);
        producer.setHeartbeatBrokerInterval(500);
        producer.setPollNameServerInterval(1_000);
        producer.setTransactionListener(new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object decision) {
                return state((Decision) decision);
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return state(application.asked(new String(message.getBody(), UTF_8)));
            }
        });
        producer.start();
    }

    private static LocalTransactionState state(Decision decision) {
        return switch (decision) {
            case COMMIT -> LocalTransactionState.COMMIT_MESSAGE;
            case ROLLBACK -> LocalTransactionState.ROLLBACK_MESSAGE;
            case UNKNOWN -> LocalTransactionState.UNKNOW;
        };
    }

    @Override
    public void send(String topic, String text, Decision decision) throws Exception {
        SendResult result = producer.sendMessageInTransaction(new Message(topic, text.getBytes(UTF_8)), decision);
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            throw new IllegalStateException("answered " + result.getSendStatus());
        }
    }

    @Override
    public void close() {
        producer.shutdown();
    }
}
