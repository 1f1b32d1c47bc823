/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageCodec;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.ControlRecord;

/**
 * What is said on the stream by which one group's leader lends tasks of a source to another's. Its kind is the first
 * byte; texts and tables are as in {@link ControlRecord}, messages as records of the log.
 *
 * <pre>
 * hello    1  connector, slot (4)                        to the one that lends, first
 * begin    2  loan (8) task (4) tasks (4)  configuration, properties, positions
 * end      3  loan (8)
 * ended    4  loan (8)                                   to the one that lends
 * store    5  loan (8) request (8)  positions, number (4), messages                 so is this
 * kept     6  request (8) number (4), each position (8) queue (4) offset (8) store time (8)
 * refused  7  request (8)  reason, message
 * </pre>
 */
sealed interface LendFrame {
    /** The leader of the group in this slot takes tasks of a connector. */
    record Hello(String connector, int slot) implements LendFrame {}

    /**
     * A task is lent.
     *
     * @param config of the connector, with its secrets in their places
     * @param properties of the task, which the plugin made
     * @param positions of the connector
     */
    record Begin(
            long loan,
            int task,
            int tasks,
            Map<String, String> config,
            Map<String, String> properties,
            Map<String, String> positions)
            implements LendFrame {}

    /** The task is to end. */
    record End(long loan) implements LendFrame {}

    /** It has, and brings nothing more. */
    record Ended(long loan) implements LendFrame {}

    /** What a task brought is to be stored. */
    record Store(long loan, long request, List<Message> messages, Map<String, String> positions) implements LendFrame {}

    /** It is. */
    record Kept(long request, List<Stored> stored) implements LendFrame {}

    /** It is not. */
    record Refused(long request, Reason reason, String message) implements LendFrame {
        Refused(long request, BrokerException refused) {
            this(request, refused.reason(), String.valueOf(refused.getMessage()));
        }
    }

    int HELLO = 1;
    int BEGIN = 2;
    int END = 3;
    int ENDED = 4;
    int STORE = 5;
    int KEPT = 6;
    int REFUSED = 7;

    /**
     * As bytes, which {@link #read} reads.
     *
     * @throws BrokerException if a message can be none of this broker
     */
    default byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            if (this instanceof Hello hello) {
                out.writeByte(HELLO);
                ControlRecord.writeText(out, hello.connector());
                out.writeInt(hello.slot());
            } else if (this instanceof Begin begin) {
                out.writeByte(BEGIN);
                write(begin, out);
            } else if (this instanceof End end) {
                out.writeByte(END);
                out.writeLong(end.loan());
            } else if (this instanceof Ended ended) {
                out.writeByte(ENDED);
                out.writeLong(ended.loan());
            } else if (this instanceof Store store) {
                out.writeByte(STORE);
                write(store, out);
            } else if (this instanceof Kept kept) {
                out.writeByte(KEPT);
                write(kept, out);
            } else if (this instanceof Refused refused) {
                out.writeByte(REFUSED);
                out.writeLong(refused.request());
                ControlRecord.writeText(out, refused.reason().name());
                ControlRecord.writeText(out, refused.message());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void write(Begin begin, DataOutputStream out) throws IOException {
        out.writeLong(begin.loan());
        out.writeInt(begin.task());
        out.writeInt(begin.tasks());
        ControlRecord.writeTexts(out, begin.config());
        ControlRecord.writeTexts(out, begin.properties());
        ControlRecord.writeTexts(out, begin.positions());
    }

    private static void write(Store store, DataOutputStream out) throws IOException {
        MessageCodec codec = new MessageCodec("");
        out.writeLong(store.loan());
        out.writeLong(store.request());
        ControlRecord.writeTexts(out, store.positions());
        out.writeInt(store.messages().size());
        for (Message message : store.messages()) {
            ByteBuffer record = codec.encode(message, 0, 0);
            byte[] bytes = new byte[record.remaining()];
            record.get(bytes);
            ControlRecord.writeBytes(out, bytes);
        }
    }

    private static void write(Kept kept, DataOutputStream out) throws IOException {
        out.writeLong(kept.request());
        out.writeInt(kept.stored().size());
        for (Stored each : kept.stored()) {
            out.writeLong(each.position());
            out.writeInt(each.queueId());
            out.writeLong(each.queueOffset());
            out.writeLong(each.storeTime());
        }
    }

    /** @throws IllegalArgumentException if the bytes are none */
    static LendFrame read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int kind = in.readUnsignedByte();
            return switch (kind) {
                case HELLO -> new Hello(ControlRecord.readText(in), in.readInt());
                case BEGIN ->
                    new Begin(
                            in.readLong(),
                            in.readInt(),
                            in.readInt(),
                            ControlRecord.readTexts(in),
                            ControlRecord.readTexts(in),
                            ControlRecord.readTexts(in));
                case END -> new End(in.readLong());
                case ENDED -> new Ended(in.readLong());
                case STORE -> readStore(in);
                case KEPT -> readKept(in);
                case REFUSED ->
                    new Refused(in.readLong(), Reason.valueOf(ControlRecord.readText(in)), ControlRecord.readText(in));
                default -> throw new IllegalArgumentException("frames of kind " + kind + " are unknown");
            };
        } catch (IOException e) {
            throw new IllegalArgumentException("a frame about a lent task that is not whole", e);
        }
    }

    private static Store readStore(DataInputStream in) throws IOException {
        long loan = in.readLong();
        long request = in.readLong();
        Map<String, String> positions = ControlRecord.readTexts(in);
        List<Message> messages = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            messages.add(new StoredMessage(ByteBuffer.wrap(ControlRecord.readBytes(in)), 0, 0).toMessage());
        }
        return new Store(loan, request, messages, positions);
    }

    private static Kept readKept(DataInputStream in) throws IOException {
        long request = in.readLong();
        List<Stored> stored = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            stored.add(new Stored(in.readLong(), in.readInt(), in.readLong(), in.readLong()));
        }
        return new Kept(request, stored);
    }
}
