/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.FrameCodec;
import org.polymq.jms.wire.Protocol;

/** A broker that answers as a test wants, one connection after the other. */
final class FakeBroker implements AutoCloseable {
    /** What is sent for a frame; called on the broker's thread. An {@link IOException} breaks the connection. */
    interface Script {
        List<Envelope> answer(Envelope request) throws IOException;
    }

    private final CountDownLatch ended = new CountDownLatch(1);
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

    FakeBroker(Script script) throws IOException {
        Thread thread = new Thread(() -> serve(script), "fake-broker");
        thread.setDaemon(true);
        thread.start();
    }

    /** What a broker answers that has nothing to say. */
    static List<Envelope> ok(Envelope request) {
        Frame answer = request.frame() instanceof Connect ? new Connected(1, 0, 1 << 20, "fake") : new Ok();
        return request.correlation() == 0 ? List.of() : List.of(new Envelope(request.correlation(), answer));
    }

    /** Makes connections that do not come back. */
    PolyMQConnectionFactory factory(String options) {
        return resuming("reconnectAttempts=0&" + options);
    }

    PolyMQConnectionFactory resuming(String options) {
        return new PolyMQConnectionFactory("polymq://127.0.0.1:" + server.getLocalPort() + "?heartbeat=0&" + options);
    }

    private void serve(Script script) {
        while (!server.isClosed()) {
            serveOne(script);
        }
    }

    private void serveOne(Script script) {
        try (Socket socket = server.accept()) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            in.skipNBytes(Protocol.PREAMBLE_LENGTH);
            while (true) {
                byte[] frame = in.readNBytes(in.readInt());
                for (Envelope answer : script.answer(FrameCodec.decode(Unpooled.wrappedBuffer(frame)))) {
                    ByteBuf bytes = Unpooled.buffer();
                    FrameCodec.encode(answer, bytes);
                    out.write(ByteBufUtil.getBytes(bytes));
                }
            }
        } catch (IOException e) {
            ended.countDown();
        }
    }

    /** Waits until a connection has ended. */
    boolean awaitEnd() throws InterruptedException {
        return ended.await(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
