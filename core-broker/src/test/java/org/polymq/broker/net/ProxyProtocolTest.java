/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A proxy that says where its client is, byte by byte. */
class ProxyProtocolTest {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final String V1 = "PROXY TCP4 192.0.2.7 198.51.100.1 40000 1883\r\n";
    private static final String V2_SIGNATURE = "0d0a0d0a000d0a515549540a";

    private final Transport transport = Transport.open(2);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Listeners listeners = new Listeners(transport, Limits.defaults(), registry);

    @AfterEach
    void close() {
        listeners.close(Duration.ofSeconds(1));
        transport.close();
    }

    @Test
    void takesTheClientsAddressFromTheFirstVersion() throws IOException {
        assertThat(answer(trusting("127.0.0.1"), V1 + "E")).isEqualTo("192.0.2.7:40000");
    }

    @Test
    void takesTheClientsAddressFromTheSecondVersion() throws IOException {
        Listener listener = trusting("127.0.0.0/8");

        assertThat(answer(listener, v2("21", "11", "c0000208 c6336401 9c40 075b") + "E"))
                .isEqualTo("192.0.2.8:40000");
        assertThat(answer(
                        listener,
                        v2("21", "21", "20010db8000000000000000000000001 20010db8000000000000000000000002 9c40 075b")
                                + "E"))
                .isEqualTo("2001:db8:0:0:0:0:0:1:40000");
    }

    @Test
    void aProxyThatSpeaksForItselfIsTheClient() throws IOException {
        assertThat(answer(trusting("127.0.0.1"), v2("20", "00", "") + "E")).startsWith("127.0.0.1:");
        assertThat(answer(trusting("127.0.0.1"), "PROXY UNKNOWN\r\nE")).startsWith("127.0.0.1:");
    }

    @Test
    void aHeaderThatArrivesByteByByteIsAHeader() throws IOException {
        Listener listener = trusting("127.0.0.1");
        try (Socket socket = connect(listener)) {
            for (byte each : (V1 + "E").getBytes(ISO_8859_1)) {
                socket.getOutputStream().write(each);
                socket.getOutputStream().flush();
            }
            assertThat(read(socket)).isEqualTo("192.0.2.7:40000");
        }
    }

    @Test
    void refusesATrustedProxyWithoutAHeader() throws IOException {
        assertThat(answer(trusting("127.0.0.1"), "EEEEEEEEEEEEEE")).isEmpty();
        assertThat(answer(trusting("127.0.0.1"), "PROXY TCP4 nonsense\r\nE")).isEmpty();

        // Netty's decoder closes before it says why, so the client may know earlier than the counter.
        await().untilAsserted(() ->
                assertThat(registry.get("polymq.bad.input").counter().count()).isEqualTo(2));
    }

    @Test
    void takesNobodyElsesWord() throws IOException {
        assertThat(answer(trusting("10.0.0.0/8"), V1 + "E")).isEmpty();
        assertThat(answer(trusting("10.0.0.0/8"), "E")).startsWith("127.0.0.1:");
    }

    @Test
    void limitsConnectionsByTheAddressThatTheProxyNames() throws IOException {
        listeners = new Listeners(
                transport,
                new Limits(100, 1, 0, Limits.Login.of(Duration.ofSeconds(5), Duration.ofSeconds(5))),
                registry);
        Listener listener = trusting("127.0.0.1");
        try (Socket one = connect(listener);
                Socket two = connect(listener);
                Socket other = connect(listener)) {
            assertThat(ask(one, V1 + "E")).isEqualTo("192.0.2.7:40000");
            assertThat(ask(two, V1 + "E")).isEmpty();
            assertThat(ask(other, V1.replace("192.0.2.7", "192.0.2.9") + "E")).isEqualTo("192.0.2.9:40000");
        }
    }

    private Listener trusting(String network) throws BindException {
        return listeners.bind("test", FREE_PORT, new WhoAmI(), TrustedProxies.of(List.of(network)));
    }

    /** A header of version 2: version and command, family and protocol, addresses. */
    private static String v2(String command, String family, String addresses) {
        String digits = addresses.replace(" ", "");
        byte[] bytes = HexFormat.of()
                .parseHex(V2_SIGNATURE
                        + command
                        + family
                        + HexFormat.of().toHexDigits((short) (digits.length() / 2))
                        + digits);
        return new String(bytes, ISO_8859_1);
    }

    private static Socket connect(Listener listener) throws IOException {
        Socket socket = new Socket(FREE_PORT.getAddress(), listener.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String answer(Listener listener, String bytes) throws IOException {
        try (Socket socket = connect(listener)) {
            return ask(socket, bytes);
        }
    }

    private static String ask(Socket socket, String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        return read(socket);
    }

    private static String read(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = socket.getInputStream().read();
                next >= 0 && next != '\n';
                next = socket.getInputStream().read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    /** Says where its client is. */
    private static final class WhoAmI implements Protocol {
        @Override
        public String name() {
            return "who";
        }

        @Override
        public int prefixLength() {
            return 1;
        }

        @Override
        public boolean accepts(ByteBuf firstBytes) {
            return firstBytes.getByte(firstBytes.readerIndex()) == 'E';
        }

        @Override
        public void install(ChannelPipeline pipeline) {
            pipeline.addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                    ReferenceCountUtil.release(message);
                    InetSocketAddress client = ClientAddress.of(context.channel());
                    String text =
                            client == null ? "nobody" : client.getAddress().getHostAddress() + ":" + client.getPort();
                    var unused = context.writeAndFlush(
                            context.alloc().buffer().writeBytes((text + "\n").getBytes(ISO_8859_1)));
                }
            });
        }
    }
}
