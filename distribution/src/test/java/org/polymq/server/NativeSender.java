/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.header.PullFlags;

/**
 * Sends to one queue over one connection that is never opened again, as a RocketMQ client with a queue of its choice.
 */
final class NativeSender implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;
    private final DataInputStream in;
    private final FrameDecoder frames = new FrameDecoder(FrameLimits.DEFAULT);
    private int opaque;

    NativeSender(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Sends a message and waits for the answer. */
    RemotingCommand send(String topic, String text) throws IOException {
        ExtFields fields = new ExtFields()
                .with("producerGroup", "test")
                .with("topic", topic)
                .with("defaultTopic", "TBW102")
                .with("defaultTopicQueueNums", 1)
                .with("queueId", 0)
                .with("sysFlag", 0)
                .with("bornTimestamp", 1)
                .with("flag", 0);
        ask(RequestCode.SEND_MESSAGE, fields, text.getBytes(UTF_8));
        return answer();
    }

    /** Asks for messages of a queue, all of them. */
    RemotingCommand pull(String group, String topic, long offset) throws IOException {
        return request(
                RequestCode.PULL_MESSAGE,
                new ExtFields()
                        .with("consumerGroup", group)
                        .with("topic", topic)
                        .with("queueId", 0)
                        .with("queueOffset", offset)
                        .with("maxMsgNums", 32)
                        .with("sysFlag", PullFlags.SUBSCRIPTION)
                        .with("commitOffset", 0)
                        .with("suspendTimeoutMillis", 0)
                        .with("subscription", "*")
                        .with("subVersion", 0));
    }

    /** Asks for anything that needs no body, and waits for the answer. */
    RemotingCommand request(int code, ExtFields fields) throws IOException {
        ask(code, fields, new byte[0]);
        return answer();
    }

    private void ask(int code, ExtFields fields, byte[] body) throws IOException {
        ByteBuf frame = Unpooled.buffer();
        FrameWriter.write(frame, RemotingCommand.request(code, opaque++, fields, body));
        socket.getOutputStream().write(ByteBufUtil.getBytes(frame));
    }

    /** What a name server says about a topic, if this is a connection to one. */
    String route(String topic) throws IOException {
        ask(RequestCode.GET_ROUTEINFO_BY_TOPIC, new ExtFields().with("topic", topic), new byte[0]);
        return new String(answer().body(), UTF_8);
    }

    /** The next answer. */
    RemotingCommand answer() throws IOException {
        int length = in.readInt();
        ByteBuf frame = Unpooled.buffer(length + 4).writeInt(length);
        byte[] rest = new byte[length];
        in.readFully(rest);
        RemotingCommand command = frames.read(frame.writeBytes(rest));
        if (command == null) {
            throw new IOException("a frame that is no frame");
        }
        return command;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
