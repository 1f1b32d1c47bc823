/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.message.MessageExt;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.client.PopClient;
import org.polymq.tck.server.Endpoints;

/** {@code DefaultMQPushConsumer} of 5.x. What 4.9 does not have is called by name: this is compiled against 4.9. */
public final class RocketMqPop implements PopClient {
    private static final String RECEIPT = "POP_CK";

    private final Endpoints server;
    private @Nullable DefaultMQPushConsumer consumer;

    public RocketMqPop(Endpoints server) {
        this.server = server;
    }

    @Override
    public void consume(String topic, String group, Application application) throws Exception {
        DefaultMQPushConsumer made = Clients.of(server, new DefaultMQPushConsumer(group));
        made.setPollNameServerInterval(1_000);
        made.setHeartbeatBrokerInterval(500);
        DefaultMQPushConsumer.class
                .getMethod("setClientRebalance", boolean.class)
                .invoke(made, false);
        retrySoon(made);
        made.subscribe(topic, "*");
        made.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                boolean done = application.take(new Popped(
                        new String(message.getBody(), UTF_8),
                        message.getReconsumeTimes(),
                        message.getProperty(RECEIPT) != null));
                if (!done) {
                    return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        made.start();
        consumer = made;
    }

    /** What fails is to come again after a second, not after ten; the last number says when the client gives up. */
    @SuppressWarnings("deprecation") // the client has no setting for it
    private static void retrySoon(DefaultMQPushConsumer consumer) throws ReflectiveOperationException {
        Object client = consumer.getDefaultMQPushConsumerImpl();
        Method getter = client.getClass().getDeclaredMethod("getPopDelayLevel");
        getter.setAccessible(true);
        int[] delays = (int[]) getter.invoke(client);
        Arrays.fill(delays, 0, delays.length - 1, 1);
    }

    @Override
    public void close() {
        DefaultMQPushConsumer open = consumer;
        if (open != null) {
            open.shutdown();
        }
    }
}
