/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One MQTT 3.1.1 connection of the load process. Answers what QoS 1 and 2 ask for by itself, as section 4.3 says.
 * Confined to the thread of its {@link MqttLoop}.
 */
final class MqttClient {
    /** Bytes of a payload that say when it was due, who published it and its number. */
    static final int HEADER = Long.BYTES + Integer.BYTES + Long.BYTES;

    private static final byte[] NOTHING = {};

    private final MqttLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final int index;
    private byte[] rest = NOTHING;
    private ByteBuffer out = ByteBuffer.allocate(64);
    private int identifier;
    private int unacknowledged;
    private boolean ending;

    /**
     * Begins to connect.
     *
     * @param index what arrivals are reported under
     * @param clean whether the broker forgets the session when the connection ends
     */
    MqttClient(MqttLoop loop, SocketAddress broker, int index, String clientId, boolean clean) throws IOException {
        this.loop = loop;
        this.index = index;
        this.channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        boolean connected = channel.connect(broker);
        this.key = channel.register(loop.selector(), connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
        byte[] name = clientId.getBytes(StandardCharsets.UTF_8);
        begin(0x10, 12 + name.length);
        out.put(new byte[] {0, 4, 'M', 'Q', 'T', 'T', 4, (byte) (clean ? 2 : 0), 0, 0});
        out.putShort((short) name.length).put(name);
        if (connected) {
            flush();
        }
    }

    /** Publishes of QoS 1 and 2 that the broker has not yet acknowledged. */
    int unacknowledged() {
        return unacknowledged;
    }

    /** Bytes that the socket has not taken yet. */
    int unsent() {
        return out.position();
    }

    void subscribe(String filter, int qos) throws IOException {
        byte[] name = filter.getBytes(StandardCharsets.UTF_8);
        begin(0x82, 5 + name.length);
        out.putShort((short) nextIdentifier());
        out.putShort((short) name.length).put(name).put((byte) qos);
        flush();
    }

    /** Writes a PUBLISH into the buffer; {@link #flush} sends it. */
    void publish(byte[] topic, int qos, long due, int publisher, long number, int size) {
        int length = Math.max(HEADER, size);
        begin(0x30 | (qos << 1), 2 + topic.length + (qos > 0 ? 2 : 0) + length);
        out.putShort((short) topic.length).put(topic);
        if (qos > 0) {
            out.putShort((short) nextIdentifier());
            unacknowledged++;
        }
        out.putLong(due).putInt(publisher).putLong(number);
        out.put(loop.padding(), 0, length - HEADER);
    }

    /** Says DISCONNECT; the broker closes. */
    void disconnect() throws IOException {
        ending = true;
        begin(0xe0, 0);
        flush();
    }

    /** Closes without waiting for anything, and without leaving the port in TIME_WAIT. */
    void abort() throws IOException {
        key.cancel();
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** Does what the selector found this connection to be ready for. */
    void ready() throws IOException {
        if (key.isConnectable() && channel.finishConnect()) {
            key.interestOps(SelectionKey.OP_READ);
            flush();
        }
        if (key.isValid() && key.isWritable()) {
            flush();
        }
        if (key.isValid() && key.isReadable()) {
            read();
        }
    }

    void flush() throws IOException {
        if (!channel.isConnected()) {
            return;
        }
        if (out.position() > 0) {
            out.flip();
            channel.write(out);
            out.compact();
        }
        int wanted = out.position() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    private void read() throws IOException {
        ByteBuffer in = loop.input(rest);
        int count = channel.read(in);
        if (count < 0) {
            key.cancel();
            channel.close();
            loop.closed(ending);
            return;
        }
        in.flip();
        while (handleOne(in)) {
            // the next one
        }
        rest = in.hasRemaining() ? new byte[in.remaining()] : NOTHING;
        in.get(rest);
        flush();
    }

    /** Handles a packet if it is there whole. */
    private boolean handleOne(ByteBuffer in) {
        int start = in.position();
        if (in.remaining() < 2) {
            return false;
        }
        int first = in.get();
        int length = 0;
        int shift = 0;
        byte digit;
        do {
            if (!in.hasRemaining()) {
                in.position(start);
                return false;
            }
            digit = in.get();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        } while (digit < 0);
        if (in.remaining() < length) {
            in.position(start);
            return false;
        }
        int end = in.position() + length;
        handle(first, in);
        in.position(end);
        return true;
    }

    private void handle(int first, ByteBuffer in) {
        switch ((first >> 4) & 15) {
            case 2 -> {
                in.get();
                loop.connected(in.get());
            }
            case 3 -> arrived(first, in);
            case 4, 7 -> {
                unacknowledged--;
                loop.acknowledged();
            }
            case 5 -> answer(0x62, in.getShort());
            case 6 -> answer(0x70, in.getShort());
            case 9 -> {
                in.getShort();
                loop.subscribed(in.get());
            }
            default -> throw new IllegalStateException("a packet of type " + ((first >> 4) & 15) + " came");
        }
    }

    private void arrived(int first, ByteBuffer in) {
        int topic = in.getShort();
        in.position(in.position() + topic);
        switch ((first >> 1) & 3) {
            case 1 -> answer(0x40, in.getShort());
            case 2 -> answer(0x50, in.getShort());
            default -> {
                // nothing to answer
            }
        }
        loop.arrived(index, in.getLong(), in.getInt(), in.getLong());
    }

    private void answer(int type, short about) {
        begin(type, 2);
        out.putShort(about);
    }

    private void begin(int type, int length) {
        if (out.remaining() < length + 5) {
            ByteBuffer larger = ByteBuffer.allocate((out.position() + length + 5) * 2);
            out = larger.put(out.flip());
        }
        out.put((byte) type);
        int left = length;
        while (left > 0x7f) {
            out.put((byte) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        out.put((byte) left);
    }

    private int nextIdentifier() {
        identifier = identifier == 0xffff ? 1 : identifier + 1;
        return identifier;
    }
}
