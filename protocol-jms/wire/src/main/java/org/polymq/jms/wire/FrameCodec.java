/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Found;
import org.polymq.jms.wire.Frame.MoreMessages;
import org.polymq.jms.wire.Frame.Node;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.OpenSession;
import org.polymq.jms.wire.Frame.Outcome;
import org.polymq.jms.wire.Frame.Ping;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.Recover;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.SessionMode;
import org.polymq.jms.wire.Frame.SetClientId;
import org.polymq.jms.wire.Frame.Settle;
import org.polymq.jms.wire.Frame.TagRange;
import org.polymq.jms.wire.Frame.Unsubscribe;
import org.polymq.jms.wire.Frame.Xa;

/** Turns frames into bytes and back; the type bytes stand here. */
@SuppressWarnings("EnumOrdinal") // the order is the byte on the wire, as the enums say
public final class FrameCodec {
    private static final int CONNECT = 0x01;
    private static final int SET_CLIENT_ID = 0x02;
    private static final int PING = 0x03;
    private static final int DISCONNECT = 0x04;
    private static final int OPEN_SESSION = 0x10;
    private static final int CLOSE_SESSION = 0x11;
    private static final int SEND = 0x12;
    private static final int SETTLE = 0x13;
    private static final int COMMIT = 0x14;
    private static final int RECOVER = 0x15;
    private static final int BODY_PART = 0x16;
    private static final int MORE_MESSAGES = 0x17;
    private static final int FIND = 0x18;
    private static final int OPEN_CONSUMER = 0x20;
    private static final int CLOSE_CONSUMER = 0x21;
    private static final int FLOW = 0x22;
    private static final int PULL = 0x23;
    private static final int UNSUBSCRIBE = 0x24;
    private static final int CREATE_TEMPORARY = 0x25;
    private static final int DELETE_TEMPORARY = 0x26;
    private static final int OK = 0x40;
    private static final int FAILED = 0x41;
    private static final int CONNECTED = 0x42;
    private static final int DELIVER = 0x43;
    private static final int CONSUMER_CLOSED = 0x44;
    private static final int FOUND = 0x45;

    private FrameCodec() {}

    /** Appends a whole frame with its length. */
    public static void encode(Envelope envelope, ByteBuf out) {
        int start = out.writerIndex();
        out.writeInt(0);
        Frame frame = envelope.frame();
        out.writeByte(typeOf(frame));
        out.writeInt(envelope.correlation());
        writeFields(frame, out);
        out.setInt(start, out.writerIndex() - start - 4);
    }

    /**
     * Reads a frame whose length was read already; {@code in} ends where the frame ends.
     *
     * @throws ProtocolException if the bytes are no frame, or are left over
     */
    public static Envelope decode(ByteBuf in) {
        Values.need(in, Protocol.HEADER_LENGTH);
        int type = in.readByte();
        int correlation = in.readInt();
        Frame frame = readFields(type, in);
        if (in.isReadable()) {
            throw new ProtocolException(in.readableBytes() + " bytes too many in a frame of type " + type);
        }
        return new Envelope(correlation, frame);
    }

    private static int typeOf(Frame frame) {
        if (frame instanceof Deliver) {
            return DELIVER;
        } else if (frame instanceof Send) {
            return SEND;
        } else if (frame instanceof Settle) {
            return SETTLE;
        } else if (frame instanceof Flow) {
            return FLOW;
        } else if (frame instanceof Ok) {
            return OK;
        } else if (frame instanceof Failed) {
            return FAILED;
        } else if (frame instanceof Commit) {
            return COMMIT;
        } else if (frame instanceof Recover) {
            return RECOVER;
        } else if (frame instanceof Pull) {
            return PULL;
        } else if (frame instanceof Ping) {
            return PING;
        } else if (frame instanceof Connect) {
            return CONNECT;
        } else if (frame instanceof Connected) {
            return CONNECTED;
        } else if (frame instanceof SetClientId) {
            return SET_CLIENT_ID;
        } else if (frame instanceof Disconnect) {
            return DISCONNECT;
        } else if (frame instanceof OpenSession) {
            return OPEN_SESSION;
        } else if (frame instanceof CloseSession) {
            return CLOSE_SESSION;
        } else if (frame instanceof OpenConsumer) {
            return OPEN_CONSUMER;
        } else if (frame instanceof CloseConsumer) {
            return CLOSE_CONSUMER;
        } else if (frame instanceof Unsubscribe) {
            return UNSUBSCRIBE;
        } else if (frame instanceof CreateTemporary) {
            return CREATE_TEMPORARY;
        } else if (frame instanceof DeleteTemporary) {
            return DELETE_TEMPORARY;
        } else if (frame instanceof ConsumerClosed) {
            return CONSUMER_CLOSED;
        } else if (frame instanceof BodyPart) {
            return BODY_PART;
        } else if (frame instanceof Find) {
            return FIND;
        } else if (frame instanceof Found) {
            return FOUND;
        } else if (frame instanceof MoreMessages) {
            return MORE_MESSAGES;
        } else if (frame instanceof Xa xa) {
            return XaFrameCodec.typeOf(xa);
        } else if (frame instanceof Node node) {
            return NodeFrameCodec.typeOf(node);
        }
        throw new IllegalArgumentException("no type for " + frame);
    }

    private static void writeFields(Frame frame, ByteBuf out) {
        if (frame instanceof Deliver f) {
            out.writeInt(f.consumerId()).writeLong(f.tag()).writeInt(f.count());
            MessageFields.write(f.message(), out);
        } else if (frame instanceof Send f) {
            out.writeInt(f.sessionId()).writeBoolean(f.again());
            MessageFields.write(f.message(), out);
        } else if (frame instanceof Settle f) {
            out.writeInt(f.sessionId()).writeByte(f.outcome().ordinal());
            writeRanges(f.ranges(), out);
        } else if (frame instanceof Flow f) {
            out.writeInt(f.consumerId()).writeLong(f.handed()).writeInt(f.messages());
            out.writeInt(f.bytes());
        } else if (frame instanceof Failed f) {
            out.writeByte(f.error().code());
            Values.writeString(out, f.message());
        } else if (frame instanceof Commit f) {
            out.writeInt(f.sessionId());
            writeMessages(f.messages(), out);
            writeRanges(f.ranges(), out);
        } else if (frame instanceof Recover f) {
            out.writeInt(f.sessionId());
            writeRanges(f.handed(), out);
        } else if (frame instanceof Pull f) {
            out.writeInt(f.consumerId());
        } else if (frame instanceof Connect f) {
            Values.writeNullableString(out, f.clientId());
            Values.writeNullableString(out, f.user());
            Values.writeNullableString(out, f.password());
            out.writeInt(f.heartbeatMillis());
            Values.writeString(out, f.product());
            Values.writeString(out, f.instance());
        } else if (frame instanceof Connected f) {
            out.writeLong(f.connectionId()).writeInt(f.heartbeatMillis()).writeInt(f.maxFrameSize());
            Values.writeString(out, f.product());
        } else if (frame instanceof SetClientId f) {
            Values.writeString(out, f.clientId());
        } else if (frame instanceof OpenSession f) {
            out.writeInt(f.sessionId()).writeByte(f.mode().ordinal());
        } else if (frame instanceof CloseSession f) {
            out.writeInt(f.sessionId());
            writeRanges(f.handed(), out);
        } else if (frame instanceof OpenConsumer f) {
            out.writeInt(f.sessionId())
                    .writeInt(f.consumerId())
                    .writeByte(f.kind().ordinal());
            MessageFields.writeDestination(f.destination(), out);
            Values.writeNullableString(out, f.subscription());
            Values.writeNullableString(out, f.selector());
            out.writeBoolean(f.noLocal()).writeLong(f.after());
        } else if (frame instanceof CloseConsumer f) {
            out.writeInt(f.consumerId());
            writeRanges(f.handed(), out);
        } else if (frame instanceof Unsubscribe f) {
            Values.writeString(out, f.subscription());
        } else if (frame instanceof CreateTemporary f) {
            MessageFields.writeDestination(f.destination(), out);
        } else if (frame instanceof DeleteTemporary f) {
            MessageFields.writeDestination(f.destination(), out);
        } else if (frame instanceof ConsumerClosed f) {
            out.writeInt(f.consumerId()).writeByte(f.error().code());
            Values.writeString(out, f.message());
        } else if (frame instanceof BodyPart f) {
            out.writeInt(f.owner()).writeLong(f.number()).writeBytes(f.bytes());
        } else if (frame instanceof Find f) {
            MessageFields.writeDestination(f.destination(), out);
            Values.writeString(out, f.messageId());
            out.writeLong(f.deliveryTime());
        } else if (frame instanceof Found f) {
            out.writeBoolean(f.stored());
        } else if (frame instanceof MoreMessages f) {
            out.writeInt(f.sessionId());
            writeMessages(f.messages(), out);
        } else if (frame instanceof Xa xa) {
            XaFrameCodec.write(xa, out);
        } else if (frame instanceof Node node) {
            NodeFrameCodec.write(node, out);
        }
    }

    private static Frame readFields(int type, ByteBuf in) {
        return switch (type) {
            case DELIVER -> {
                Values.need(in, 16);
                yield new Deliver(in.readInt(), in.readLong(), in.readInt(), MessageFields.read(in));
            }
            case SEND -> readSend(in);
            case SETTLE -> new Settle(readInt(in), pick(Outcome.values(), in), readRanges(in));
            case FLOW -> {
                Values.need(in, 20);
                yield new Flow(in.readInt(), in.readLong(), in.readInt(), in.readInt());
            }
            case OK -> new Ok();
            case FAILED -> new Failed(readError(in), Values.readString(in));
            case COMMIT -> new Commit(readInt(in), readMessages(in), readRanges(in));
            case RECOVER -> new Recover(readInt(in), readRanges(in));
            case PULL -> new Pull(readInt(in));
            case PING -> new Ping();
            case CONNECT -> readConnect(in);
            case CONNECTED -> {
                Values.need(in, 16);
                yield new Connected(in.readLong(), in.readInt(), in.readInt(), Values.readString(in));
            }
            case SET_CLIENT_ID -> new SetClientId(Values.readString(in));
            case DISCONNECT -> new Disconnect();
            case OPEN_SESSION -> new OpenSession(readInt(in), pick(SessionMode.values(), in));
            case CLOSE_SESSION -> new CloseSession(readInt(in), readRanges(in));
            case OPEN_CONSUMER -> readOpenConsumer(in);
            case CLOSE_CONSUMER -> new CloseConsumer(readInt(in), readRanges(in));
            case UNSUBSCRIBE -> new Unsubscribe(Values.readString(in));
            case CREATE_TEMPORARY -> new CreateTemporary(MessageFields.readDestination(in));
            case DELETE_TEMPORARY -> new DeleteTemporary(MessageFields.readDestination(in));
            case CONSUMER_CLOSED -> new ConsumerClosed(readInt(in), readError(in), Values.readString(in));
            case BODY_PART -> {
                Values.need(in, 12);
                int owner = in.readInt();
                long number = in.readLong();
                byte[] bytes = new byte[in.readableBytes()];
                in.readBytes(bytes);
                yield new BodyPart(owner, number, bytes);
            }
            case FIND -> readFind(in);
            case FOUND -> new Found(readBoolean(in));
            case MORE_MESSAGES -> new MoreMessages(readInt(in), readMessages(in));
            default -> NodeFrameCodec.has(type) ? NodeFrameCodec.read(type, in) : XaFrameCodec.read(type, in);
        };
    }

    private static Connect readConnect(ByteBuf in) {
        String clientId = Values.readNullableString(in);
        String user = Values.readNullableString(in);
        String password = Values.readNullableString(in);
        Values.need(in, 4);
        return new Connect(clientId, user, password, in.readInt(), Values.readString(in), Values.readString(in));
    }

    private static OpenConsumer readOpenConsumer(ByteBuf in) {
        int sessionId = readInt(in);
        int consumerId = readInt(in);
        ConsumerKind kind = pick(ConsumerKind.values(), in);
        WireDestination destination = MessageFields.readDestination(in);
        String subscription = Values.readNullableString(in);
        String selector = Values.readNullableString(in);
        Values.need(in, 9);
        return new OpenConsumer(
                sessionId, consumerId, kind, destination, subscription, selector, in.readBoolean(), in.readLong());
    }

    private static Find readFind(ByteBuf in) {
        WireDestination destination = MessageFields.readDestination(in);
        String id = Values.readString(in);
        Values.need(in, 8);
        return new Find(destination, id, in.readLong());
    }

    private static Send readSend(ByteBuf in) {
        int sessionId = readInt(in);
        boolean again = readBoolean(in);
        return new Send(sessionId, MessageFields.read(in), again);
    }

    static void writeMessages(List<WireMessage> messages, ByteBuf out) {
        out.writeInt(messages.size());
        messages.forEach(message -> MessageFields.write(message, out));
    }

    static List<WireMessage> readMessages(ByteBuf in) {
        int count = Values.readCount(in, MessageFields.SHORTEST);
        List<WireMessage> messages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            messages.add(MessageFields.read(in));
        }
        return messages;
    }

    static void writeRanges(List<TagRange> ranges, ByteBuf out) {
        out.writeInt(ranges.size());
        for (TagRange range : ranges) {
            out.writeInt(range.consumerId()).writeLong(range.first()).writeLong(range.last());
        }
    }

    static List<TagRange> readRanges(ByteBuf in) {
        int count = Values.readCount(in, 20);
        List<TagRange> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Values.need(in, 20);
            ranges.add(new TagRange(in.readInt(), in.readLong(), in.readLong()));
        }
        return ranges;
    }

    static int readInt(ByteBuf in) {
        Values.need(in, 4);
        return in.readInt();
    }

    private static boolean readBoolean(ByteBuf in) {
        Values.need(in, 1);
        return in.readBoolean();
    }

    private static WireError readError(ByteBuf in) {
        Values.need(in, 1);
        return WireError.of(in.readByte());
    }

    static <E extends Enum<E>> E pick(E[] values, ByteBuf in) {
        Values.need(in, 1);
        int code = in.readByte();
        if (code < 0 || code >= values.length) {
            throw new ProtocolException("no " + values[0].getDeclaringClass().getSimpleName() + " " + code);
        }
        return values[code];
    }
}
