/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Raw sockets against a port that speaks two small protocols. */
class ListenerTest {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);

    private final Transport transport = Transport.open(2);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Listeners listeners = new Listeners(transport, Limits.defaults(), registry);

    @AfterEach
    void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
    }

    @Test
    void givesEachConnectionToTheProtocolThatItsFirstBytesName() throws IOException {
        Listener listener = listeners.bind("test", FREE_PORT, List.of(new Echo("ABCD", false), new Echo("x", false)));

        try (Socket four = connect(listener);
                Socket one = connect(listener)) {
            send(four, "ABCD and more");
            send(one, "x");

            assertThat(receive(four, 13)).isEqualTo("ABCD and more");
            assertThat(receive(one, 1)).isEqualTo("x");
        }
        assertThat(registry.get("polymq.connections.accepted").counter().count())
                .isEqualTo(2);
    }

    @Test
    void waitsForAPrefixThatArrivesByteByByte() throws IOException {
        Listener listener = listeners.bind("test", FREE_PORT, List.of(new Echo("ABCD", false), new Echo("x", false)));

        try (Socket socket = connect(listener)) {
            for (String part : List.of("A", "B", "C", "D", "!")) {
                send(socket, part);
            }

            assertThat(receive(socket, 5)).isEqualTo("ABCD!");
        }
    }

    @Test
    void closesRandomBytesCountsThemAndServesTheOthers() throws IOException {
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("ABCD", false));
        byte[] noise = new byte[1000];
        long seed = System.nanoTime();
        new Random(seed).nextBytes(noise);
        noise[0] = 0;

        try (Socket good = connect(listener);
                Socket bad = connect(listener)) {
            send(good, "ABCD");
            bad.getOutputStream().write(noise);

            assertThat(endsWithoutAByte(bad)).as("seed " + seed).isTrue();
            assertThat(receive(good, 4)).isEqualTo("ABCD");
        }
        assertThat(registry.get("polymq.bad.input")
                        .tag("protocol", "test")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void closesAConnectionThatSaysNothing() throws IOException {
        listeners = new Listeners(transport, new Limits(10, 10, 0, Limits.Login.of(SHORT, LONG)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("ABCD", false));

        try (Socket silent = connect(listener);
                Socket half = connect(listener)) {
            send(half, "AB");

            assertThat(endsWithoutAByte(silent)).isTrue();
            assertThat(endsWithoutAByte(half)).isTrue();
        }
        assertThat(refused("silent")).isEqualTo(2);
    }

    @Test
    void closesAConnectionWhoseHandshakeDoesNotComeToAnEnd() throws IOException {
        listeners = new Listeners(transport, new Limits(10, 10, 0, Limits.Login.of(LONG, SHORT)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("A", true));

        try (Socket half = connect(listener);
                Socket whole = connect(listener)) {
            send(half, "A");
            send(whole, "A!");

            assertThat(receive(half, 1)).isEqualTo("A");
            assertThat(endsWithoutAByte(half)).isTrue();
            assertThat(receive(whole, 2)).isEqualTo("A!");
            send(whole, "still there");
            assertThat(receive(whole, 11)).isEqualTo("still there");
        }
        assertThat(refused("no_handshake")).isEqualTo(1);
    }

    @Test
    void refusesConnectionsOverTheLimitAndTakesNewOnesWhenSomeLeave() throws IOException {
        listeners = new Listeners(transport, new Limits(2, 2, 0, Limits.Login.of(LONG, LONG)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("A", false));

        try (Socket first = connect(listener);
                Socket second = connect(listener)) {
            send(first, "A");
            send(second, "A");
            receive(first, 1);
            receive(second, 1);
            try (Socket third = connect(listener)) {
                assertThat(endsWithoutAByte(third)).isTrue();
            }
        }
        await().until(() -> listeners.connections() == 0);
        try (Socket later = connect(listener)) {
            send(later, "A");
            assertThat(receive(later, 1)).isEqualTo("A");
        }
        assertThat(refused("too_many")).isEqualTo(1);
    }

    @Test
    void refusesConnectionsOverTheLimitOfOneAddress() throws IOException {
        listeners = new Listeners(transport, new Limits(10, 1, 0, Limits.Login.of(LONG, LONG)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("A", false));

        try (Socket first = connect(listener)) {
            send(first, "A");
            receive(first, 1);
            try (Socket second = connect(listener)) {
                assertThat(endsWithoutAByte(second)).isTrue();
            }
        }
        assertThat(refused("too_many_from_address")).isEqualTo(1);
    }

    @Test
    void refusesConnectionsThatComeTooFast() throws IOException {
        listeners = new Listeners(transport, new Limits(100, 100, 2, Limits.Login.of(LONG, LONG)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("A", false));

        int closed = 0;
        for (int i = 0; i < 20 && closed == 0; i++) {
            try (Socket socket = connect(listener)) {
                send(socket, "A");
                closed += socket.getInputStream().read() < 0 ? 1 : 0;
            } catch (SocketException reset) {
                closed++;
            }
        }

        assertThat(closed).isEqualTo(1);
        assertThat(refused("too_fast")).isEqualTo(1);
    }

    @Test
    void closesAConnectionThatSendsTooMuchBeforeItsHandshakeIsComplete() throws IOException {
        listeners = new Listeners(
                transport, new Limits(10, 10, 0, new Limits.Login(LONG, LONG, 100_000, 1 << 20)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("A", true));
        byte[] much = new byte[150_000];
        Arrays.fill(much, (byte) 'A');

        try (Socket stranger = connect(listener);
                Socket known = connect(listener)) {
            send(known, "A!");
            assertThat(receive(known, 2)).isEqualTo("A!");
            known.getOutputStream().write(much);
            assertThat(receive(known, much.length)).hasSize(much.length);

            try {
                stranger.getOutputStream().write(much);
                while (stranger.getInputStream().read() >= 0) {
                    // its echo
                }
            } catch (SocketException reset) {
                // closed with bytes unread
            }
        }
        await().until(() -> refused("login_too_large") == 1);
    }

    @Test
    void closesAConnectionWhenStrangersHoldTooMuchTogether() throws IOException {
        listeners = new Listeners(
                transport, new Limits(10, 10, 0, new Limits.Login(LONG, LONG, 200_000, 100_000)), registry);
        Listener listener = listeners.bind("test", FREE_PORT, new Echo("A", true));
        byte[] much = new byte[150_000];
        Arrays.fill(much, (byte) 'A');

        try (Socket first = connect(listener)) {
            first.getOutputStream().write(much);
            assertThat(receive(first, much.length)).hasSize(much.length);
            try (Socket second = connect(listener)) {
                second.getOutputStream().write(much);
                while (second.getInputStream().read() >= 0) {
                    // its echo
                }
            } catch (SocketException reset) {
                // closed with bytes unread
            }
            await().until(() -> refused("logins_too_large") == 1);
            send(first, "!");
            assertThat(receive(first, 1)).isEqualTo("!");
            try (Socket third = connect(listener)) {
                third.getOutputStream().write(much);
                assertThat(receive(third, much.length)).hasSize(much.length);
            }
        }
    }

    @Test
    void saysWhichListenerCannotHaveItsPort() throws IOException {
        Listener taken = listeners.bind("first", FREE_PORT, new Echo("A", false));

        assertThatThrownBy(() -> listeners.bind("second", taken.address(), new Echo("A", false)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("second")
                .hasMessageContaining(":" + taken.port());
    }

    @Test
    void asksProtocolsToStopAndClosesWhatDoesNot() throws IOException {
        Listener listener = listeners.bind("test", FREE_PORT, List.of(new Echo("A", false), new Stubborn()));

        try (Socket polite = connect(listener);
                Socket stubborn = connect(listener)) {
            send(polite, "A");
            send(stubborn, "S");
            receive(polite, 1);
            await().until(() -> listener.connections() == 2);
            listeners.close(Duration.ofMillis(300));

            assertThat(receive(polite, 3)).isEqualTo("bye");
            assertThat(endsWithoutAByte(stubborn)).isTrue();
        }
        assertThat(listener.connections()).isZero();
    }

    @Test
    void showsControlCharactersEscapedInTheLog() {
        assertThat(BadInput.escape("a\r\nb\u0000\\")).isEqualTo("a\\u000d\\u000ab\\u0000\\\\");
        assertThat(BadInput.escape(Unpooled.wrappedBuffer(new byte[] {'G', 'E', 'T', '\n', (byte) 0xff, '"'})))
                .isEqualTo("GET\\x0a\\xff\\x22");
        assertThat(BadInput.escape(Unpooled.wrappedBuffer(new byte[1000]))).endsWith("...");
    }

    private double refused(String reason) {
        return registry.get("polymq.connections.refused")
                .tag("reason", reason)
                .counter()
                .count();
    }

    private static Socket connect(Listener listener) throws IOException {
        Socket socket = new Socket(listener.address().getAddress(), listener.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(US_ASCII));
        out.flush();
    }

    private static String receive(Socket socket, int bytes) throws IOException {
        byte[] read = socket.getInputStream().readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException("only " + read.length + " of " + bytes + " bytes");
        }
        return new String(read, US_ASCII);
    }

    private static boolean endsWithoutAByte(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** Sends back what it reads; its handshake is an exclamation mark. */
    private record Echo(String prefix, boolean handshakes) implements Protocol {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public int prefixLength() {
            return prefix.length();
        }

        @Override
        public boolean accepts(ByteBuf firstBytes) {
            return firstBytes
                    .toString(firstBytes.readerIndex(), prefix.length(), US_ASCII)
                    .equals(prefix);
        }

        @Override
        public void install(ChannelPipeline pipeline) {
            pipeline.addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    if (((ByteBuf) message).toString(US_ASCII).contains("!")) {
                        Handshake.complete(context.channel());
                    }
                    context.writeAndFlush(message);
                }
            });
        }

        @Override
        public void stop(Channel channel) {
            channel.writeAndFlush(Unpooled.copiedBuffer("bye", US_ASCII)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Never ends a connection by itself. */
    private record Stubborn() implements Protocol {
        @Override
        public String name() {
            return "stubborn";
        }

        @Override
        public int prefixLength() {
            return 1;
        }

        @Override
        public boolean accepts(ByteBuf firstBytes) {
            return firstBytes.getByte(firstBytes.readerIndex()) == 'S';
        }

        @Override
        public void install(ChannelPipeline pipeline) {
            pipeline.addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    ((ByteBuf) message).release();
                }
            });
        }

        @Override
        public void stop(Channel channel) {
            assertThat(channel.isOpen()).isTrue();
        }
    }
}
