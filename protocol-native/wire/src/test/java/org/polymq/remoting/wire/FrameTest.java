/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    private static final ByteBuf NONE = Unpooled.EMPTY_BUFFER;

    // As the official 5.5.0 classes write the request for the route of topic "T".
    private static final String BINARY_105 =
            "00000025 01000021 0069 00 0000 00000005 00000000 00000000 0000000c" + " 0005 746f706963 00000001 54";
    private static final String JSON_105 =
            "{\"code\":105,\"extFields\":{\"topic\":\"T\"},\"flag\":0,\"language\":\"JAVA\","
                    + "\"opaque\":5,\"serializeTypeCurrentRPC\":\"JSON\",\"version\":0}";

    @Test
    void readsABinaryRequestOfTheOfficialClient() {
        RemotingCommand request = decode(hex(BINARY_105));

        assertThat(request.format()).isEqualTo(HeaderFormat.BINARY);
        assertThat(request.code()).isEqualTo(105);
        assertThat(request.opaque()).isEqualTo(5);
        assertThat(request.fields().string("topic")).isEqualTo("T");
        assertThat(request.body()).isEmpty();
    }

    @Test
    void writesTheSameBytesAsTheOfficialClient() {
        RemotingCommand request = new RemotingCommand(
                HeaderFormat.BINARY, 105, Language.JAVA, 0, 5, 0, null, new ExtFields().with("topic", "T"), NONE);

        assertThat(ByteBufUtil.hexDump(encode(request))).isEqualTo(BINARY_105.replace(" ", ""));
    }

    @Test
    void readsAndWritesTheJsonHeaderOfTheOfficialClient() {
        ByteBuf frame = jsonFrame(JSON_105, "body");

        RemotingCommand request = decode(frame.copy());

        assertThat(request.format()).isEqualTo(HeaderFormat.JSON);
        assertThat(request.fields().string("topic")).isEqualTo("T");
        assertThat(new String(request.body(), StandardCharsets.UTF_8)).isEqualTo("body");
        assertThat(encode(request)).isEqualTo(frame);
    }

    @Test
    void answersLikeTheRealNameServerToAnUnknownCode() {
        RemotingCommand request = RemotingCommand.request(9999, 7, ExtFields.none(), new byte[0]);

        ByteBuf frame = encode(request.answer(3, " request type 9999 not supported"));

        assertThat(frame.toString(8, frame.readableBytes() - 8, StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"code\":3,\"flag\":1,\"language\":\"JAVA\",\"opaque\":7,\"remark\":\" request type 9999 not"
                                + " supported\",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":479}");
    }

    @ParameterizedTest
    @EnumSource(HeaderFormat.class)
    void keepsEveryCharacterOfFieldsAndRemark(HeaderFormat format) {
        String nasty = "KEYS\u0001k\"1\\\u0002TAGS\u0001\n\t\u0000 ä 漢 \uD83D\uDE00 \u2028/";
        RemotingCommand command = new RemotingCommand(
                format, 310, Language.GO, 479, Integer.MIN_VALUE, 2, nasty, new ExtFields().with("i", nasty), NONE);

        RemotingCommand copy = decode(encode(command));

        assertThat(copy.remark()).isEqualTo(nasty);
        assertThat(copy.fields()).isEqualTo(command.fields());
        assertThat(copy.isOneway()).isTrue();
        assertThat(copy.opaque()).isEqualTo(Integer.MIN_VALUE);
        assertThat(copy.language()).isEqualTo(Language.GO);
    }

    @Test
    void readsFramesThatArriveByteByByte() {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT));
        ByteBuf bytes = Unpooled.wrappedBuffer(hex(BINARY_105), jsonFrame(JSON_105, "x"));

        while (bytes.isReadable()) {
            channel.writeInbound(bytes.readBytes(1));
        }

        assertThat(channel.<RemotingCommand>readInbound().format()).isEqualTo(HeaderFormat.BINARY);
        assertThat(channel.<RemotingCommand>readInbound().format()).isEqualTo(HeaderFormat.JSON);
        assertThat(channel.<Object>readInbound()).isNull();
    }

    @Test
    void takesNumbersAndNullsAmongTheFieldsAndIgnoresWhatItDoesNotKnow() {
        RemotingCommand request = decode(jsonFrame(
                "{\"code\":11,\"x\":\"y\",\"z\":1.5,\"extFields\":{\"queueId\":3,\"a\":null,\"b\":true},\"remark\":null}",
                ""));

        assertThat(request.fields().integer("queueId")).isEqualTo(3);
        assertThat(request.fields().get("a")).isNull();
        assertThat(request.fields().flag("b", false)).isTrue();
        assertThat(request.remark()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000003", // a length that does not hold its own header length
                "ffffffff",
                "01000001", // over 16 MiB
                "474554202f", // "GET /"
                "16030100", // a TLS hello
                "00000008 02000000", // an unknown header format
                "00000008 01000005", // a header longer than the frame
                "00000008 01000004 00000000", // a binary header that is too short
                "00000019 01000015 0069 00 0000 00000005 00000000 7fffffff 00000000", // a remark beyond the end
                "00000019 01000015 0069 00 0000 00000005 00000000 00000000 00000009", // fields beyond the end
                "0000001b 01000017 0069 00 0000 00000005 00000000 00000000 00000002 ffff", // a name beyond the end
                "00000006 00000002 5b5d", // []
                "00000006 00000002 7b22", // {" and no end
                "00000004 00000000" // no header at all
            })
    void closesOnGarbageAndSaysWhy(String bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(FrameLimits.DEFAULT));

        assertThatThrownBy(() -> channel.writeInbound(hex(bytes)))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessageMatching(".{10,}");

        assertThat(channel.isOpen()).isFalse();
        assertThat(channel.<Object>readInbound()).isNull();
    }

    @Test
    void refusesNestingThatWouldExhaustTheStack() {
        String deep = "{\"code\":1,\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThatThrownBy(() -> decode(jsonFrame(deep, ""))).isInstanceOf(MalformedFrameException.class);
    }

    @Test
    void survivesRandomBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (random.nextBoolean() && bytes.length > 12) {
                ByteBuf head = Unpooled.wrappedBuffer(bytes);
                head.setInt(0, bytes.length - 4).setInt(4, random.nextInt(2) << 24 | random.nextInt(bytes.length - 7));
                bytes[8] = random.nextBoolean() ? (byte) '{' : bytes[8];
            }
            try {
                new FrameDecoder(FrameLimits.DEFAULT).read(Unpooled.wrappedBuffer(bytes));
            } catch (MalformedFrameException expected) {
                assertThat(expected.getMessage()).as("seed %d", seed).isNotEmpty();
            }
        }
    }

    private static RemotingCommand decode(ByteBuf frame) {
        RemotingCommand command = new FrameDecoder(FrameLimits.DEFAULT).read(frame);
        assertThat(command).isNotNull();
        assertThat(frame.isReadable()).isFalse();
        return java.util.Objects.requireNonNull(command);
    }

    private static ByteBuf encode(RemotingCommand command) {
        ByteBuf out = Unpooled.buffer();
        FrameWriter.write(out, command);
        return out;
    }

    private static ByteBuf jsonFrame(String header, String body) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        byte[] tail = body.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer()
                .writeInt(4 + head.length + tail.length)
                .writeInt(head.length)
                .writeBytes(head)
                .writeBytes(tail);
    }

    private static ByteBuf hex(String text) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }
}
