/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.buffer.ByteBuf;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.InDoubt;
import org.polymq.jms.wire.Frame.LetIn;
import org.polymq.jms.wire.Frame.Node;

/** The fields of the frames between the nodes of a cluster, types 0x50 to 0x5f. Stateless. */
@SuppressWarnings("EnumOrdinal") // the order is the byte on the wire, as the enum says
final class NodeFrameCodec {
    private static final int LET_IN = 0x50;
    private static final int BRANCH = 0x51;
    private static final int IN_DOUBT = 0x52;

    private NodeFrameCodec() {}

    static boolean has(int type) {
        return type >= LET_IN && type <= IN_DOUBT;
    }

    static int typeOf(Node frame) {
        if (frame instanceof LetIn) {
            return LET_IN;
        }
        return frame instanceof Branch ? BRANCH : IN_DOUBT;
    }

    static void write(Node frame, ByteBuf out) {
        if (frame instanceof LetIn f) {
            Values.writeString(out, f.principal());
        } else if (frame instanceof Branch f) {
            out.writeByte(f.step().ordinal());
            f.id().write(out);
            f.as().write(out);
        } else if (frame instanceof InDoubt f) {
            out.writeInt(f.seconds());
            Values.writeString(out, f.begin());
        }
    }

    static Frame read(int type, ByteBuf in) {
        return switch (type) {
            case LET_IN -> new LetIn(Values.readString(in));
            case BRANCH -> new Branch(FrameCodec.pick(BranchStep.values(), in), XaId.read(in), XaId.read(in));
            case IN_DOUBT -> new InDoubt(FrameCodec.readInt(in), Values.readString(in));
            default -> throw new ProtocolException("no frame type " + type);
        };
    }
}
