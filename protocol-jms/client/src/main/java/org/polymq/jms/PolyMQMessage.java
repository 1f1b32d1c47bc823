/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.BodyType;
import org.polymq.jms.wire.WireMessage;

/** A message without a body, and what all messages share: headers and properties. */
class PolyMQMessage implements Message {
    static final String DELIVERY_COUNT = "JMSXDeliveryCount";
    static final String ID_PREFIX = "ID:";

    /** What {@link Message#acknowledge()} does. */
    interface Acknowledger {
        void acknowledge() throws JMSException;
    }

    private @Nullable String id;
    private long timestamp;
    private @Nullable Object correlation;
    private @Nullable Destination replyTo;
    private @Nullable Destination destination;
    private int deliveryMode = DeliveryMode.PERSISTENT;
    private boolean redelivered;
    private @Nullable String type;
    private long expiration;
    private long deliveryTime;
    private int priority = DEFAULT_PRIORITY;
    private final Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    private boolean readOnlyProperties;
    private boolean readOnlyBody;
    private @Nullable Acknowledger acknowledger;

    BodyType bodyType() {
        return BodyType.NONE;
    }

    /** The body as it travels; null is no body. */
    byte @Nullable [] bodyBytes() throws JMSException {
        return null;
    }

    /** Takes the body of a received message. */
    void readBody(byte @Nullable [] body) throws JMSException {}

    /** Takes headers, properties and body of a received message, which cannot be written from then on. */
    final void received(WireMessage wire, int count) throws JMSException {
        id = ID_PREFIX + wire.id();
        timestamp = wire.timestamp();
        correlation = wire.correlation();
        replyTo = wire.replyTo() == null ? null : PolyMQDestination.of(wire.replyTo());
        destination = PolyMQDestination.of(wire.destination());
        deliveryMode = wire.persistent() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        redelivered = count > 1;
        type = wire.jmsType();
        expiration = wire.expiration();
        deliveryTime = wire.deliveryTime();
        priority = wire.priority();
        properties.putAll(wire.properties());
        properties.put(DELIVERY_COUNT, count);
        readBody(wire.body());
        readOnlyProperties = true;
        readOnlyBody = true;
    }

    /** The message as it travels, with the headers a send just set. */
    @SuppressWarnings("NullAway") // A nullable array is not seen as one through another module's class file.
    final WireMessage toWire(PolyMQDestination target) throws JMSException {
        Map<String, @Nullable Object> sent = properties;
        if (properties.containsKey(DELIVERY_COUNT)) {
            sent = new LinkedHashMap<>(properties);
            sent.remove(DELIVERY_COUNT); // A forwarded message starts anew.
        }
        String plainId = id == null ? "" : id.substring(ID_PREFIX.length());
        return new WireMessage(
                target.toWire(),
                plainId,
                bodyType(),
                bodyBytes(),
                deliveryMode == DeliveryMode.PERSISTENT,
                priority,
                timestamp,
                expiration,
                deliveryTime,
                correlation,
                replyTo == null ? null : PolyMQDestination.of(replyTo).toWire(),
                type,
                sent);
    }

    final void acknowledger(Acknowledger what) {
        acknowledger = what;
    }

    final Map<String, @Nullable Object> properties() {
        return properties;
    }

    final void readOnlyBody(boolean readOnly) {
        readOnlyBody = readOnly;
    }

    final boolean isReadOnlyBody() {
        return readOnlyBody;
    }

    final void checkBodyWritable() throws MessageNotWriteableException {
        if (readOnlyBody) {
            throw new MessageNotWriteableException("the body is read-only; clearBody() makes it writable");
        }
    }

    final void checkBodyReadable() throws MessageNotReadableException {
        if (!readOnlyBody) {
            throw new MessageNotReadableException("the body is write-only; reset() makes it readable");
        }
    }

    @Override
    public final @Nullable String getJMSMessageID() {
        return id;
    }

    @Override
    public final void setJMSMessageID(@Nullable String id) {
        this.id = id;
    }

    @Override
    public final long getJMSTimestamp() {
        return timestamp;
    }

    @Override
    public final void setJMSTimestamp(long timestamp) {
        this.timestamp = timestamp;
    }

    @Override
    public final byte @Nullable [] getJMSCorrelationIDAsBytes() {
        if (correlation instanceof byte[] bytes) {
            return bytes.clone();
        }
        return correlation == null ? null : correlation.toString().getBytes(StandardCharsets.UTF_8);
    }

    final boolean isCorrelationBytes() {
        return correlation instanceof byte[];
    }

    @Override
    public final void setJMSCorrelationIDAsBytes(byte @Nullable [] correlation) {
        this.correlation = correlation == null ? null : correlation.clone();
    }

    @Override
    public final void setJMSCorrelationID(@Nullable String correlation) {
        this.correlation = correlation;
    }

    @Override
    public final @Nullable String getJMSCorrelationID() {
        if (correlation instanceof byte[] bytes) {
            return "hex:" + HexFormat.of().withUpperCase().formatHex(bytes); // The broker reads it back as these bytes.
        }
        return (String) correlation;
    }

    @Override
    public final @Nullable Destination getJMSReplyTo() {
        return replyTo;
    }

    @Override
    public final void setJMSReplyTo(@Nullable Destination replyTo) {
        this.replyTo = replyTo;
    }

    @Override
    public final @Nullable Destination getJMSDestination() {
        return destination;
    }

    @Override
    public final void setJMSDestination(@Nullable Destination destination) {
        this.destination = destination;
    }

    @Override
    public final int getJMSDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public final void setJMSDeliveryMode(int deliveryMode) throws JMSException {
        if (deliveryMode != DeliveryMode.PERSISTENT && deliveryMode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("no delivery mode " + deliveryMode);
        }
        this.deliveryMode = deliveryMode;
    }

    @Override
    public final boolean getJMSRedelivered() {
        return redelivered;
    }

    @Override
    public final void setJMSRedelivered(boolean redelivered) {
        this.redelivered = redelivered;
    }

    @Override
    public final @Nullable String getJMSType() {
        return type;
    }

    @Override
    public final void setJMSType(@Nullable String type) {
        this.type = type;
    }

    @Override
    public final long getJMSExpiration() {
        return expiration;
    }

    @Override
    public final void setJMSExpiration(long expiration) {
        this.expiration = expiration;
    }

    @Override
    public final long getJMSDeliveryTime() {
        return deliveryTime;
    }

    @Override
    public final void setJMSDeliveryTime(long deliveryTime) {
        this.deliveryTime = deliveryTime;
    }

    @Override
    public final int getJMSPriority() {
        return priority;
    }

    @Override
    public final void setJMSPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw new JMSException("a priority is 0 to 9, not " + priority);
        }
        this.priority = priority;
    }

    @Override
    public final void clearProperties() {
        properties.clear();
        readOnlyProperties = false;
    }

    @Override
    public final boolean propertyExists(String name) {
        return properties.containsKey(name);
    }

    @Override
    public final boolean getBooleanProperty(String name) throws JMSException {
        return Conversions.toBoolean(properties.get(name));
    }

    @Override
    public final byte getByteProperty(String name) throws JMSException {
        return Conversions.toByte(properties.get(name));
    }

    @Override
    public final short getShortProperty(String name) throws JMSException {
        return Conversions.toShort(properties.get(name));
    }

    @Override
    public final int getIntProperty(String name) throws JMSException {
        return Conversions.toInt(properties.get(name));
    }

    @Override
    public final long getLongProperty(String name) throws JMSException {
        return Conversions.toLong(properties.get(name));
    }

    @Override
    public final float getFloatProperty(String name) throws JMSException {
        return Conversions.toFloat(properties.get(name));
    }

    @Override
    public final double getDoubleProperty(String name) throws JMSException {
        return Conversions.toDouble(properties.get(name));
    }

    @Override
    public final @Nullable String getStringProperty(String name) throws JMSException {
        return Conversions.toText(properties.get(name));
    }

    @Override
    public final @Nullable Object getObjectProperty(String name) {
        return properties.get(name);
    }

    @Override
    public final Enumeration<String> getPropertyNames() {
        return Collections.enumeration(List.copyOf(properties.keySet()));
    }

    @Override
    public final void setBooleanProperty(String name, boolean value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setByteProperty(String name, byte value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setShortProperty(String name, short value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setIntProperty(String name, int value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setLongProperty(String name, long value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setFloatProperty(String name, float value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setDoubleProperty(String name, double value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setStringProperty(String name, @Nullable String value) throws JMSException {
        putProperty(name, value);
    }

    @Override
    public final void setObjectProperty(String name, @Nullable Object value) throws JMSException {
        PropertyNames.check(name);
        if (!Conversions.isAllowed(value, false)) {
            throw new MessageFormatException("a property cannot be a " + className(value));
        }
        putProperty(name, value);
    }

    private void putProperty(String name, @Nullable Object value) throws JMSException {
        PropertyNames.check(name);
        if (readOnlyProperties) {
            throw new MessageNotWriteableException(
                    "the properties are read-only; clearProperties() makes them writable");
        }
        properties.put(name, value);
    }

    static String className(@Nullable Object value) {
        return value == null ? "null" : value.getClass().getName();
    }

    @Override
    public final void acknowledge() throws JMSException {
        if (acknowledger == null) {
            throw new IllegalStateException("only a received message can be acknowledged");
        }
        acknowledger.acknowledge();
    }

    @Override
    public void clearBody() throws JMSException {
        readOnlyBody = false;
    }

    /** The body for {@link #getBody}; null is none. */
    @Nullable
    Object bodyObject() throws JMSException {
        return null;
    }

    /** The class of the body, whether there is one now or not. */
    boolean isBodyReadableAs(Class<?> type) throws JMSException {
        return true;
    }

    @Override
    public <T> @Nullable T getBody(Class<T> type) throws JMSException {
        Object body = bodyObject();
        if (body == null) {
            return null;
        }
        if (!isBodyReadableAs(type)) {
            throw new MessageFormatException(
                    "the body is a " + body.getClass().getName() + ", not a " + type.getName());
        }
        return type.cast(body);
    }

    @Override
    @SuppressWarnings("rawtypes") // the API's own signature
    public boolean isBodyAssignableTo(Class type) throws JMSException {
        return bodyObject() == null || isBodyReadableAs((Class<?>) type);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + id + ", to " + destination + "]";
    }
}
