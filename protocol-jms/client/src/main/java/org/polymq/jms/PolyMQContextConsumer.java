/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSConsumer;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A consumer of the simplified API. */
final class PolyMQContextConsumer implements JMSConsumer {
    private final PolyMQConsumer consumer;

    PolyMQContextConsumer(PolyMQConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public @Nullable String getMessageSelector() {
        return Errors.uncheckedOrNull(consumer::getMessageSelector);
    }

    @Override
    public @Nullable MessageListener getMessageListener() {
        return Errors.uncheckedOrNull(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) {
        Errors.unchecked(() -> consumer.setMessageListener(listener));
    }

    @Override
    public @Nullable Message receive() {
        return Errors.uncheckedOrNull(() -> consumer.receive());
    }

    @Override
    public @Nullable Message receive(long timeout) {
        return Errors.uncheckedOrNull(() -> consumer.receive(timeout));
    }

    @Override
    public @Nullable Message receiveNoWait() {
        return Errors.uncheckedOrNull(consumer::receiveNoWait);
    }

    @Override
    public void close() {
        Errors.unchecked(consumer::close);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type) {
        return body(type, Long.MAX_VALUE);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type, long timeout) {
        return body(type, timeout <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeout));
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> type) {
        return body(type, 0);
    }

    private <T> @Nullable T body(Class<T> type, long nanos) {
        return Errors.uncheckedOrNull(() -> {
            PolyMQMessage message = consumer.receive(nanos, candidate -> {
                if (candidate.getBody(type) == null) {
                    throw new MessageFormatException("the message has no body");
                }
            });
            return message == null ? null : message.getBody(type);
        });
    }
}
