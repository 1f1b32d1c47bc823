/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.net.TestCertificates;

/** One node's port between nodes, and what gateways and strangers open there. */
class StreamPortTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final EventLoopGroup port = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoopGroup workers = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final List<NodeServer> servers = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        servers.forEach(NodeServer::shutdown);
        port.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        workers.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private NodeTransport transport(Optional<NodeTransport.TlsContexts> tls) {
        return new NodeTransport(
                "c/g", port, port, NioServerSocketChannel.class, NioSocketChannel.class, Map.of(), tls, 1 << 20);
    }

    /** Takes streams that want "echo" and returns what comes; answers others with what they want. */
    private NodeServer server(int most, Optional<NodeTransport.TlsContexts> tls) {
        NodeServer server = new NodeServer(
                transport(tls),
                new NodePort(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional.of(new StreamPort("c", workers, most, this::asked))),
                Runnable::run);
        assertThat(server.init(null)).isTrue();
        servers.add(server);
        return server;
    }

    private void asked(AskedStream asked) {
        assertThat(workers).contains(asked.channel().eventLoop());
        String wants = UTF_8.decode(asked.wants()).toString();
        if (wants.equals("nonsense")) {
            throw new IllegalArgumentException("nonsense");
        } else if (!wants.equals("echo")) {
            asked.reply((asked.group() + ": " + wants).getBytes(UTF_8));
            return;
        }
        asked.take(() -> asked.channel().pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                context.writeAndFlush(message);
            }
        }));
    }

    private StreamCall.Answer ask(
            NodeServer server, Optional<NodeTransport.TlsContexts> tls, String cluster, String wants, Collected into)
            throws Exception {
        return new StreamCall(transport(tls), cluster, Duration.ofSeconds(30))
                .ask("127.0.0.1", server.boundPort(), workers.next(), "g", wants.getBytes(UTF_8), into)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    /** What a stream brings. */
    private static final class Collected extends ChannelInboundHandlerAdapter {
        private final AtomicInteger read = new AtomicInteger();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            read.addAndGet(bytes.readableBytes());
            bytes.release();
        }
    }

    private static Channel channel(StreamCall.Answer answer) {
        return ((StreamCall.Answer.Taken) answer).channel();
    }

    @Test
    void aStreamIsServedByAnotherLoopThanThePortsAndQuestionsAreAnswered() throws Exception {
        NodeServer server = server(10, Optional.empty());
        Collected echo = new Collected();

        Channel stream = channel(ask(server, Optional.empty(), "c", "echo", echo));
        stream.writeAndFlush(Unpooled.copiedBuffer("x".repeat(300_000), UTF_8));
        await().atMost(LONG).until(() -> echo.read.get() == 300_000);

        var words = (StreamCall.Answer.Words) ask(server, Optional.empty(), "c", "who leads?", new Collected());
        assertThat(UTF_8.decode(words.bytes()).toString()).isEqualTo("g: who leads?");
        assertThat(server.refused()).isZero();
    }

    @Test
    void foreignClustersAndGarbageEndTheirOwnConnectionAndAreCounted() throws Exception {
        NodeServer server = server(1_000, Optional.empty());
        assertThatThrownBy(() -> ask(server, Optional.empty(), "another", "echo", new Collected()))
                .isInstanceOf(ExecutionException.class);
        assertThatThrownBy(() -> ask(server, Optional.empty(), "c", "nonsense", new Collected()))
                .isInstanceOf(ExecutionException.class);
        await().atMost(LONG).until(() -> server.refused() >= 2);

        Random random = new Random(11);
        byte[] preface = {'P', 'M', 'Q', 'S', 1};
        for (int round = 0; round < 50; round++) {
            byte[] bytes = new byte[600 + random.nextInt(70_000)];
            random.nextBytes(bytes);
            bytes[0] = 1; // the name of a cluster of one letter, which is not this one
            bytes[1] = '?';
            assertThat(isEnded(server, with(preface, bytes))).isTrue();
        }
        assertThat(isEnded(server, new byte[] {'P', 'M', 'Q', 'S', 2})).isTrue();

        assertThat(channel(ask(server, Optional.empty(), "c", "echo", new Collected()))
                        .isActive())
                .isTrue();
        await().atMost(LONG).until(() -> server.streams() == 1);
    }

    private static byte[] with(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static boolean isEnded(NodeServer server, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.boundPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(bytes);
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void streamsHaveALimitOfTheirOwnThatNodesAreNotCountedAgainst() throws Exception {
        NodeServer server = server(300, Optional.empty());
        List<Channel> open = new ArrayList<>();
        for (int i = 0; i < 300; i++) { // more than connections of nodes
            open.add(channel(ask(server, Optional.empty(), "c", "echo", new Collected())));
        }
        assertThatThrownBy(() -> ask(server, Optional.empty(), "c", "echo", new Collected()))
                .isInstanceOf(ExecutionException.class);

        open.get(0).close().sync();
        await().atMost(LONG).until(() -> server.streams() < 300);
        assertThat(channel(ask(server, Optional.empty(), "c", "echo", new Collected()))
                        .isActive())
                .isTrue();
        open.forEach(Channel::close);
    }

    @Test
    void withTlsOnlyANodesCertificateOpensAStream() throws Exception {
        TestCertificates.Made ours = TestCertificates.make(directory, "ours", "CN=node");
        TestCertificates.Made theirs = TestCertificates.make(directory, "theirs", "CN=stranger");
        Optional<NodeTransport.TlsContexts> tls =
                Optional.of(NodeTransport.TlsContexts.of(ours.certificate(), ours.key(), ours.certificate()));
        Optional<NodeTransport.TlsContexts> stranger =
                Optional.of(NodeTransport.TlsContexts.of(theirs.certificate(), theirs.key(), ours.certificate()));
        NodeServer server = server(10, tls);
        Collected echo = new Collected();

        channel(ask(server, tls, "c", "echo", echo)).writeAndFlush(Unpooled.copiedBuffer("y".repeat(100_000), UTF_8));
        await().atMost(LONG).until(() -> echo.read.get() == 100_000);

        assertThatThrownBy(() -> ask(server, stranger, "c", "echo", new Collected()))
                .isInstanceOf(ExecutionException.class);
        assertThatThrownBy(() -> ask(server, Optional.empty(), "c", "echo", new Collected()))
                .isInstanceOf(ExecutionException.class);
        await().atMost(LONG).until(() -> server.refused() >= 2 && server.streams() == 1);
    }
}
