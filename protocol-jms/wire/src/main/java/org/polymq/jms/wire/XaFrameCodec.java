/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.polymq.jms.wire.Frame.Xa;
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDecision;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaEnding;
import org.polymq.jms.wire.Frame.XaList;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.Frame.XaStarting;

/** The fields of the frames that transaction managers cause. */
@SuppressWarnings("EnumOrdinal") // the order is the byte on the wire, as the enums say
final class XaFrameCodec {
    private static final int START = 0x30;
    private static final int END = 0x31;
    private static final int DECIDE = 0x32;
    private static final int LIST = 0x33;
    private static final int DONE = 0x34;
    private static final int BRANCHES = 0x35;

    private XaFrameCodec() {}

    static int typeOf(Xa frame) {
        if (frame instanceof XaStart) {
            return START;
        } else if (frame instanceof XaEnd) {
            return END;
        } else if (frame instanceof XaDecide) {
            return DECIDE;
        } else if (frame instanceof XaList) {
            return LIST;
        } else if (frame instanceof XaDone) {
            return DONE;
        } else {
            return BRANCHES;
        }
    }

    static void write(Xa frame, ByteBuf out) {
        if (frame instanceof XaStart f) {
            out.writeInt(f.sessionId());
            f.id().write(out);
            out.writeByte(f.how().ordinal()).writeInt(f.timeoutSeconds());
        } else if (frame instanceof XaEnd f) {
            out.writeInt(f.sessionId());
            f.id().write(out);
            out.writeByte(f.how().ordinal());
            FrameCodec.writeMessages(f.messages(), out);
            FrameCodec.writeRanges(f.ranges(), out);
        } else if (frame instanceof XaDecide f) {
            out.writeByte(f.decision().ordinal());
            f.id().write(out);
        } else if (frame instanceof XaDone f) {
            out.writeInt(f.code());
            Values.writeString(out, f.message());
        } else if (frame instanceof XaBranches f) {
            out.writeInt(f.ids().size());
            f.ids().forEach(id -> id.write(out));
        }
    }

    static Frame read(int type, ByteBuf in) {
        return switch (type) {
            case START -> {
                int sessionId = FrameCodec.readInt(in);
                XaId id = XaId.read(in);
                yield new XaStart(sessionId, id, FrameCodec.pick(XaStarting.values(), in), FrameCodec.readInt(in));
            }
            case END -> {
                int sessionId = FrameCodec.readInt(in);
                XaId id = XaId.read(in);
                XaEnding how = FrameCodec.pick(XaEnding.values(), in);
                List<WireMessage> messages = FrameCodec.readMessages(in);
                yield new XaEnd(sessionId, id, how, messages, FrameCodec.readRanges(in));
            }
            case DECIDE -> new XaDecide(FrameCodec.pick(XaDecision.values(), in), XaId.read(in));
            case LIST -> new XaList();
            case DONE -> new XaDone(FrameCodec.readInt(in), Values.readString(in));
            case BRANCHES -> {
                int count = Values.readCount(in, 6);
                List<XaId> ids = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    ids.add(XaId.read(in));
                }
                yield new XaBranches(ids);
            }
            default -> throw new ProtocolException("no frame type " + type);
        };
    }
}
