/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.rocketmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.polymq.tck.client.DelayClient;
import org.polymq.tck.server.Endpoints;

/** RocketMQ's producer. What 4.9 does not have is called by name: this class is compiled against 4.9. */
public final class RocketMqDelays implements DelayClient {
    private final DefaultMQProducer producer = new DefaultMQProducer("delay-producers");

    public RocketMqDelays(Endpoints server) throws Exception {
        Clients.of(server, producer).setSendMsgTimeout(Clients.PATIENCE_MILLIS);
        producer.start();
    }

    @Override
    public Optional<String> send(String topic, String text, By by, long value) throws Exception {
        Message message = new Message(topic, text.getBytes(UTF_8));
        switch (by) {
            case LEVEL -> message.setDelayTimeLevel((int) value);
            case DELAY_MS -> set(message, "setDelayTimeMs", value);
            case DELAY_SEC -> set(message, "setDelayTimeSec", value);
            case DELIVER_MS -> set(message, "setDeliverTimeMs", value);
        }
        SendResult result = producer.send(message);
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            throw new IllegalStateException("answered " + result.getSendStatus());
        }
        return by == By.LEVEL
                ? Optional.empty()
                : Optional.ofNullable(
                        (String) SendResult.class.getMethod("getRecallHandle").invoke(result));
    }

    private static void set(Message message, String method, long value) throws ReflectiveOperationException {
        Message.class.getMethod(method, long.class).invoke(message, value);
    }

    @Override
    public String recall(String topic, String handle) throws Exception {
        try {
            return (String) DefaultMQProducer.class
                    .getMethod("recallMessage", String.class, String.class)
                    .invoke(producer, topic, handle);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public void close() {
        producer.shutdown();
    }
}
