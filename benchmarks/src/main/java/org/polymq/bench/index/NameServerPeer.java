/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.index;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;

/** One connection to a name server that asks and waits. Used by one thread. */
final class NameServerPeer implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final EmbeddedChannel decoder = new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT));
    private int opaque;

    NameServerPeer(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
    }

    /**
     * Sends a request and reads its answer.
     *
     * @return how many bytes the answer's frame has
     * @throws IllegalStateException when it is not a success
     */
    int ask(int code, ExtFields fields, byte[] body) throws IOException {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.write(out, RemotingCommand.request(code, ++opaque, fields, body));
        out.readBytes(socket.getOutputStream(), out.readableBytes());
        out.release();

        int length = in.readInt();
        ByteBuf frame = Unpooled.buffer(4 + length).writeInt(length);
        frame.writeBytes(in, length);
        decoder.writeInbound(frame);
        RemotingCommand answer = decoder.readInbound();
        if (answer.code() != ResponseCode.SUCCESS) {
            throw new IllegalStateException("request " + code + ": " + answer.code() + " " + answer.remark());
        }
        return 4 + length;
    }

    @Override
    public void close() throws IOException {
        decoder.close();
        socket.close();
    }
}
