/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.remoting.RPCHook;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Lane;
import org.polymq.broker.TestBroker;
import org.polymq.broker.security.AccessKey;

/** Official clients with RocketMQ's own hook for access keys. */
class OfficialSecurityTest {
    @TempDir
    Path directory;

    private NativeServer server;

    @BeforeEach
    void open() throws Exception {
        server = NativeServer.secured(directory);
        TestBroker.addUser(server.broker(), "shop", "password", "allow PUB topic:orders/#");
        TestBroker.addUser(server.broker(), "kitchen", "password", "allow SUB topic:orders/#", "allow SUB group:cooks");
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private RPCHook hook(String user) {
        Answer<AccessKey.Created> created = new Answer<>();
        server.broker().security().accounts().createAccessKey(user, Lane.direct(), created);
        AccessKey.Created key = created.get();
        return new AclClientRPCHook(new SessionCredentials(key.key().id(), key.secret()));
    }

    private DefaultMQProducer producer(RPCHook hook, String instance) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("shop", hook);
        producer.setNamesrvAddr(server.nameServerAddress());
        producer.setInstanceName(instance);
        producer.setRetryTimesWhenSendFailed(0);
        producer.setSendMsgTimeout(10_000);
        producer.start();
        return producer;
    }

    @Test
    void aPermittedProducerAndConsumerWorkAndOthersAreRefused() throws Exception {
        DefaultMQProducer shop = producer(hook("shop"), "secure-shop");
        DefaultMQProducer kitchen = producer(hook("kitchen"), "secure-kitchen");
        DefaultMQProducer stranger =
                producer(new AclClientRPCHook(new SessionCredentials("AKnobody", "wrong")), "secure-stranger");
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        DefaultMQPushConsumer cooks =
                new DefaultMQPushConsumer("cooks", hook("kitchen"), new AllocateMessageQueueAveragely());
        try {
            Message order = new Message("orders", "one coffee".getBytes(UTF_8));

            assertThat(shop.send(order).getSendStatus()).isEqualTo(SendStatus.SEND_OK);
            assertThatThrownBy(() -> shop.send(new Message("wages", new byte[1])))
                    .hasStackTraceContaining("CODE: 16");
            assertThatThrownBy(() -> kitchen.send(order)).hasStackTraceContaining("CODE: 16");
            assertThatThrownBy(() -> stranger.send(order)).hasStackTraceContaining("CODE: 16");

            cooks.setNamesrvAddr(server.nameServerAddress());
            cooks.setInstanceName("secure-cooks");
            cooks.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
            cooks.subscribe("orders", "*");
            cooks.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(message -> received.add(new String(message.getBody(), UTF_8)));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            cooks.start();

            // Longer than the 20 s between two times that this client shares queues out.
            assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo("one coffee");
        } finally {
            cooks.shutdown();
            shop.shutdown();
            kitchen.shutdown();
            stranger.shutdown();
        }
    }
}
