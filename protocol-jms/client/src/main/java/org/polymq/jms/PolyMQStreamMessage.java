/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.BodyCodec;
import org.polymq.jms.wire.BodyType;

/** A message whose body is values one after the other. */
final class PolyMQStreamMessage extends PolyMQMessage implements StreamMessage {
    private List<@Nullable Object> items = new ArrayList<>();
    private int next;
    /** How much of the bytes value at {@link #next} was read; -1: none was begun. */
    private int read = -1;

    @Override
    BodyType bodyType() {
        return BodyType.STREAM;
    }

    @Override
    byte[] bodyBytes() {
        return BodyCodec.encodeStream(items);
    }

    @Override
    void readBody(byte @Nullable [] body) {
        items = body == null ? new ArrayList<>() : BodyCodec.decodeStream(body);
    }

    @Override
    public void reset() {
        readOnlyBody(true);
        next = 0;
        read = -1;
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        items = new ArrayList<>();
        next = 0;
        read = -1;
    }

    private interface Conversion<T> {
        T of(@Nullable Object value) throws MessageFormatException;
    }

    /** A value that cannot be converted stays the next one. */
    private <T> T read(Conversion<T> conversion) throws JMSException {
        T value = conversion.of(peek());
        next++;
        return value;
    }

    private @Nullable Object peek() throws JMSException {
        checkBodyReadable();
        if (read >= 0) {
            throw new MessageFormatException("a byte[] is half read; read it to its end first");
        }
        if (next >= items.size()) {
            throw new MessageEOFException("the stream ends here");
        }
        return items.get(next);
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(Conversions::toBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(Conversions::toByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(Conversions::toShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(Conversions::toChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(Conversions::toInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(Conversions::toLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(Conversions::toFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(Conversions::toDouble);
    }

    @Override
    public @Nullable String readString() throws JMSException {
        String text = Conversions.toText(peek());
        next++;
        return text;
    }

    @Override
    public @Nullable Object readObject() throws JMSException {
        Object value = peek();
        next++;
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        checkBodyReadable();
        if (read < 0) {
            Object first = peek();
            if (first == null) {
                next++;
                return -1;
            }
            if (!(first instanceof byte[])) {
                throw new MessageFormatException("a " + className(first) + " cannot be read as byte[]");
            }
            read = 0;
        } else if (read == bytesAt(next).length) {
            read = -1;
            next++;
            return -1;
        }
        byte[] bytes = bytesAt(next);
        int count = Math.min(value.length, bytes.length - read);
        System.arraycopy(bytes, read, value, 0, count);
        read += count;
        if (count < value.length) { // Shorter than asked for: the caller knows that this was the end.
            read = -1;
            next++;
        }
        return count;
    }

    private byte[] bytesAt(int index) {
        Object value = items.get(index);
        return value instanceof byte[] bytes ? bytes : new byte[0];
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(value);
    }

    @Override
    public void writeString(@Nullable String value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte @Nullable [] value) throws JMSException {
        write(value == null ? null : value.clone());
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        byte[] copy = new byte[length];
        System.arraycopy(value, offset, copy, 0, length);
        write(copy);
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        checkBodyWritable();
        if (!Conversions.isAllowed(value, true)) {
            throw new MessageFormatException("a stream message cannot hold a " + className(value));
        }
        write(value instanceof byte[] bytes ? bytes.clone() : value);
    }

    private void write(@Nullable Object value) throws JMSException {
        checkBodyWritable();
        items.add(value);
    }

    @Override
    public <T> T getBody(Class<T> type) throws JMSException {
        throw new MessageFormatException("a stream message is read value by value");
    }

    @Override
    @SuppressWarnings("rawtypes") // the API's own signature
    public boolean isBodyAssignableTo(Class type) {
        return false;
    }
}
