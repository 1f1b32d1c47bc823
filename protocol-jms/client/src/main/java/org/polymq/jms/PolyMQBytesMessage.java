/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.BodyType;

/** A message whose body is plain bytes: written to the end, or read from a place. */
final class PolyMQBytesMessage extends PolyMQMessage implements BytesMessage {
    private ByteArrayOutputStream written = new ByteArrayOutputStream();
    private DataOutputStream out = new DataOutputStream(written);
    private byte[] body = new byte[0];
    private DataInputStream in = reader(body);

    @Override
    BodyType bodyType() {
        return BodyType.BYTES;
    }

    @Override
    byte[] bodyBytes() {
        return isReadOnlyBody() ? body : written.toByteArray();
    }

    @Override
    void readBody(byte @Nullable [] bytes) {
        body = bytes == null ? new byte[0] : bytes;
        in = reader(body);
    }

    private static DataInputStream reader(byte[] bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes));
    }

    @Override
    public void reset() {
        if (!isReadOnlyBody()) {
            body = written.toByteArray();
            readOnlyBody(true);
        }
        in = reader(body);
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        written = new ByteArrayOutputStream();
        out = new DataOutputStream(written);
        body = new byte[0];
        in = reader(body);
    }

    @Override
    public long getBodyLength() throws JMSException {
        checkBodyReadable();
        return body.length;
    }

    private interface Read<T> {
        T from(DataInputStream in) throws IOException;
    }

    private <T> T read(Read<T> what) throws JMSException {
        checkBodyReadable();
        in.mark(Integer.MAX_VALUE);
        try {
            return what.from(in);
        } catch (EOFException e) {
            goBack();
            throw chained(new MessageEOFException("the body ends here"), e);
        } catch (IOException e) {
            goBack();
            throw chained(new MessageFormatException("not modified UTF-8"), e);
        }
    }

    private void goBack() throws JMSException {
        try {
            in.reset();
        } catch (IOException e) {
            throw chained(new JMSException("the body cannot be read again"), e);
        }
    }

    private interface Write {
        void to(DataOutputStream out) throws IOException;
    }

    private void write(Write what) throws JMSException {
        checkBodyWritable();
        try {
            what.to(out);
        } catch (IOException e) {
            throw chained(new MessageFormatException("cannot be written: " + e.getMessage()), e);
        }
    }

    private static <E extends JMSException> E chained(E exception, IOException cause) {
        exception.setLinkedException(cause);
        exception.initCause(cause);
        return exception;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(DataInputStream::readBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(DataInputStream::readByte);
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return read(DataInputStream::readUnsignedByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(DataInputStream::readShort);
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return read(DataInputStream::readUnsignedShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(DataInputStream::readChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(DataInputStream::readInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(DataInputStream::readLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(DataInputStream::readFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(DataInputStream::readDouble);
    }

    @Override
    public String readUTF() throws JMSException {
        return read(from -> from.readUTF());
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        if (length < 0 || length > value.length) {
            throw new IndexOutOfBoundsException("length " + length + " of an array of " + value.length);
        }
        return read(from -> from.read(value, 0, length));
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(to -> to.writeBoolean(value));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(to -> to.writeByte(value));
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(to -> to.writeShort(value));
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(to -> to.writeChar(value));
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(to -> to.writeInt(value));
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(to -> to.writeLong(value));
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(to -> to.writeFloat(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(to -> to.writeDouble(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        write(to -> to.writeUTF(value));
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(to -> to.write(value));
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(to -> to.write(value, offset, length));
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        checkBodyWritable();
        if (value == null) {
            throw new NullPointerException("null cannot be written to a bytes message");
        } else if (value instanceof Boolean flag) {
            writeBoolean(flag);
        } else if (value instanceof Byte number) {
            writeByte(number);
        } else if (value instanceof Short number) {
            writeShort(number);
        } else if (value instanceof Character letter) {
            writeChar(letter);
        } else if (value instanceof Integer number) {
            writeInt(number);
        } else if (value instanceof Long number) {
            writeLong(number);
        } else if (value instanceof Float number) {
            writeFloat(number);
        } else if (value instanceof Double number) {
            writeDouble(number);
        } else if (value instanceof String text) {
            writeUTF(text);
        } else if (value instanceof byte[] bytes) {
            writeBytes(bytes);
        } else {
            throw new MessageFormatException("a bytes message cannot hold a " + className(value));
        }
    }

    @Override
    byte @Nullable [] bodyObject() {
        byte[] bytes = bodyBytes();
        return bytes.length == 0 ? null : bytes.clone();
    }

    @Override
    boolean isBodyReadableAs(Class<?> type) {
        return type.isAssignableFrom(byte[].class);
    }

    @Override
    public <T> @Nullable T getBody(Class<T> type) throws JMSException {
        T value = super.getBody(type);
        reset();
        return value;
    }
}
