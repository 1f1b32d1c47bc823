/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A producer of the simplified API: settings for each message it sends. */
final class PolyMQContextProducer implements JMSProducer {
    private final PolyMQContext context;
    /** Holds the properties and headers that sent messages get. */
    private final PolyMQMessage template = new PolyMQMessage();

    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLive = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelay = Message.DEFAULT_DELIVERY_DELAY;
    private boolean disableMessageId;
    private boolean disableTimestamp;
    private @Nullable CompletionListener async;

    PolyMQContextProducer(PolyMQContext context) {
        this.context = context;
    }

    @Override
    public JMSProducer send(@Nullable Destination destination, @Nullable Message message) {
        context.checkOpen();
        if (message == null) {
            throw new MessageFormatRuntimeException("the message is null");
        }
        Errors.unchecked(() -> {
            fill(message);
            PolyMQProducer producer = context.producer();
            producer.setDeliveryDelay(deliveryDelay);
            CompletionListener listener = async;
            if (listener == null) {
                producer.send(destination, message, deliveryMode, priority, timeToLive);
            } else {
                producer.send(destination, message, deliveryMode, priority, timeToLive, listener);
            }
        });
        return this;
    }

    private void fill(Message message) throws JMSException {
        for (Map.Entry<String, @Nullable Object> property :
                template.properties().entrySet()) {
            message.setObjectProperty(property.getKey(), property.getValue());
        }
        if (template.getJMSCorrelationID() != null) {
            copyCorrelation(message);
        }
        if (template.getJMSType() != null) {
            message.setJMSType(template.getJMSType());
        }
        if (template.getJMSReplyTo() != null) {
            message.setJMSReplyTo(template.getJMSReplyTo());
        }
    }

    private void copyCorrelation(Message message) throws JMSException {
        if (template.isCorrelationBytes()) {
            message.setJMSCorrelationIDAsBytes(template.getJMSCorrelationIDAsBytes());
        } else {
            message.setJMSCorrelationID(template.getJMSCorrelationID());
        }
    }

    @Override
    public JMSProducer send(@Nullable Destination destination, @Nullable String body) {
        return Errors.unchecked(() -> {
            PolyMQTextMessage message = new PolyMQTextMessage();
            message.setText(body);
            return send(destination, message);
        });
    }

    @Override
    public JMSProducer send(@Nullable Destination destination, @Nullable Map<String, @Nullable Object> body) {
        return Errors.unchecked(() -> {
            PolyMQMapMessage message = new PolyMQMapMessage();
            if (body != null) {
                for (Map.Entry<String, @Nullable Object> item : body.entrySet()) {
                    message.setObject(item.getKey(), item.getValue());
                }
            }
            return send(destination, message);
        });
    }

    @Override
    public JMSProducer send(@Nullable Destination destination, byte @Nullable [] body) {
        return Errors.unchecked(() -> {
            PolyMQBytesMessage message = new PolyMQBytesMessage();
            if (body != null) {
                message.writeBytes(body);
            }
            return send(destination, message);
        });
    }

    @Override
    public JMSProducer send(@Nullable Destination destination, @Nullable Serializable body) {
        return Errors.unchecked(() -> {
            PolyMQObjectMessage message = new PolyMQObjectMessage(context.trusted());
            message.setObject(body);
            return send(destination, message);
        });
    }

    @Override
    public JMSProducer setDisableMessageID(boolean disable) {
        disableMessageId = disable;
        return this;
    }

    @Override
    public boolean getDisableMessageID() {
        return disableMessageId;
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean disable) {
        disableTimestamp = disable;
        return this;
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return disableTimestamp;
    }

    @Override
    public JMSProducer setDeliveryMode(int deliveryMode) {
        this.deliveryMode = Errors.unchecked(() -> PolyMQProducer.checkMode(deliveryMode));
        return this;
    }

    @Override
    public int getDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public JMSProducer setPriority(int priority) {
        this.priority = Errors.unchecked(() -> PolyMQProducer.checkPriority(priority));
        return this;
    }

    @Override
    public int getPriority() {
        return priority;
    }

    @Override
    public JMSProducer setTimeToLive(long timeToLive) {
        this.timeToLive = Errors.unchecked(() -> PolyMQProducer.checkTimeToLive(timeToLive));
        return this;
    }

    @Override
    public long getTimeToLive() {
        return timeToLive;
    }

    @Override
    public JMSProducer setDeliveryDelay(long deliveryDelay) {
        this.deliveryDelay = Errors.unchecked(() -> PolyMQProducer.checkDelay(deliveryDelay));
        return this;
    }

    @Override
    public long getDeliveryDelay() {
        return deliveryDelay;
    }

    @Override
    public JMSProducer setAsync(@Nullable CompletionListener listener) {
        async = listener;
        return this;
    }

    @Override
    public @Nullable CompletionListener getAsync() {
        return async;
    }

    private JMSProducer set(Errors.Action setting) {
        Errors.unchecked(setting);
        return this;
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return set(() -> template.setBooleanProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return set(() -> template.setByteProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return set(() -> template.setShortProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return set(() -> template.setIntProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return set(() -> template.setLongProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return set(() -> template.setFloatProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return set(() -> template.setDoubleProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable String value) {
        return set(() -> template.setStringProperty(name, value));
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable Object value) {
        return set(() -> template.setObjectProperty(name, value));
    }

    @Override
    public JMSProducer clearProperties() {
        template.clearProperties();
        return this;
    }

    @Override
    public boolean propertyExists(String name) {
        return template.propertyExists(name);
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return Errors.unchecked(() -> template.getBooleanProperty(name));
    }

    @Override
    public byte getByteProperty(String name) {
        return Errors.unchecked(() -> template.getByteProperty(name));
    }

    @Override
    public short getShortProperty(String name) {
        return Errors.unchecked(() -> template.getShortProperty(name));
    }

    @Override
    public int getIntProperty(String name) {
        return Errors.unchecked(() -> template.getIntProperty(name));
    }

    @Override
    public long getLongProperty(String name) {
        return Errors.unchecked(() -> template.getLongProperty(name));
    }

    @Override
    public float getFloatProperty(String name) {
        return Errors.unchecked(() -> template.getFloatProperty(name));
    }

    @Override
    public double getDoubleProperty(String name) {
        return Errors.unchecked(() -> template.getDoubleProperty(name));
    }

    @Override
    public @Nullable String getStringProperty(String name) {
        return Errors.uncheckedOrNull(() -> template.getStringProperty(name));
    }

    @Override
    public @Nullable Object getObjectProperty(String name) {
        return template.getObjectProperty(name);
    }

    @Override
    public Set<String> getPropertyNames() {
        return Collections.unmodifiableSet(
                new LinkedHashSet<>(template.properties().keySet()));
    }

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte @Nullable [] correlation) {
        template.setJMSCorrelationIDAsBytes(correlation);
        return this;
    }

    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return template.getJMSCorrelationIDAsBytes();
    }

    @Override
    public JMSProducer setJMSCorrelationID(@Nullable String correlation) {
        template.setJMSCorrelationID(correlation);
        return this;
    }

    @Override
    public @Nullable String getJMSCorrelationID() {
        return template.getJMSCorrelationID();
    }

    @Override
    public JMSProducer setJMSType(@Nullable String type) {
        template.setJMSType(type);
        return this;
    }

    @Override
    public @Nullable String getJMSType() {
        return template.getJMSType();
    }

    @Override
    public JMSProducer setJMSReplyTo(@Nullable Destination replyTo) {
        template.setJMSReplyTo(replyTo);
        return this;
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return template.getJMSReplyTo();
    }
}
