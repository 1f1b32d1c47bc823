/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.BodyCodec;
import org.polymq.jms.wire.BodyType;

/** A message whose body is named values. */
final class PolyMQMapMessage extends PolyMQMessage implements MapMessage {
    private Map<String, @Nullable Object> items = new LinkedHashMap<>();

    @Override
    BodyType bodyType() {
        return BodyType.MAP;
    }

    @Override
    byte[] bodyBytes() {
        return BodyCodec.encodeMap(items);
    }

    @Override
    void readBody(byte @Nullable [] body) {
        items = body == null ? new LinkedHashMap<>() : BodyCodec.decodeMap(body);
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        items = new LinkedHashMap<>();
    }

    @Override
    public boolean getBoolean(String name) throws JMSException {
        return Conversions.toBoolean(items.get(name));
    }

    @Override
    public byte getByte(String name) throws JMSException {
        return Conversions.toByte(items.get(name));
    }

    @Override
    public short getShort(String name) throws JMSException {
        return Conversions.toShort(items.get(name));
    }

    @Override
    public char getChar(String name) throws JMSException {
        return Conversions.toChar(items.get(name));
    }

    @Override
    public int getInt(String name) throws JMSException {
        return Conversions.toInt(items.get(name));
    }

    @Override
    public long getLong(String name) throws JMSException {
        return Conversions.toLong(items.get(name));
    }

    @Override
    public float getFloat(String name) throws JMSException {
        return Conversions.toFloat(items.get(name));
    }

    @Override
    public double getDouble(String name) throws JMSException {
        return Conversions.toDouble(items.get(name));
    }

    @Override
    public @Nullable String getString(String name) throws JMSException {
        return Conversions.toText(items.get(name));
    }

    @Override
    public byte @Nullable [] getBytes(String name) throws JMSException {
        return Conversions.toBytes(items.get(name));
    }

    @Override
    public @Nullable Object getObject(String name) {
        Object value = items.get(name);
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }

    @Override
    public Enumeration<String> getMapNames() {
        return Collections.enumeration(List.copyOf(items.keySet()));
    }

    @Override
    public boolean itemExists(String name) {
        return items.containsKey(name);
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setString(String name, @Nullable String value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setBytes(String name, byte @Nullable [] value) throws JMSException {
        put(name, value == null ? null : value.clone());
    }

    @Override
    public void setBytes(String name, byte[] value, int offset, int length) throws JMSException {
        byte[] copy = new byte[length];
        System.arraycopy(value, offset, copy, 0, length);
        put(name, copy);
    }

    @Override
    public void setObject(String name, @Nullable Object value) throws JMSException {
        checkBodyWritable();
        if (!Conversions.isAllowed(value, true)) {
            throw new MessageFormatException("a map message cannot hold a " + className(value));
        }
        put(name, value instanceof byte[] bytes ? bytes.clone() : value);
    }

    private void put(@Nullable String name, @Nullable Object value) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("an item needs a name");
        }
        checkBodyWritable();
        items.put(name, value);
    }

    @Override
    @Nullable
    Object bodyObject() {
        return items.isEmpty() ? null : new LinkedHashMap<>(items);
    }

    @Override
    boolean isBodyReadableAs(Class<?> type) {
        return type == Map.class || type == Object.class;
    }
}
