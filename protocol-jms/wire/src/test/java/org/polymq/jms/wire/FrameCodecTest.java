/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Found;
import org.polymq.jms.wire.Frame.MoreMessages;
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
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaDecision;
import org.polymq.jms.wire.Frame.XaDone;
import org.polymq.jms.wire.Frame.XaEnd;
import org.polymq.jms.wire.Frame.XaEnding;
import org.polymq.jms.wire.Frame.XaList;
import org.polymq.jms.wire.Frame.XaStart;
import org.polymq.jms.wire.Frame.XaStarting;
import org.polymq.jms.wire.WireDestination.Kind;

class FrameCodecTest {
    private static final WireDestination QUEUE = new WireDestination(Kind.QUEUE, "q");

    private static final XaId BRANCH = new XaId(7, new byte[] {10, 11}, new byte[] {12});

    private static WireMessage message() {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        properties.put("n", 7);
        return new WireMessage(
                QUEUE, "A1", BodyType.TEXT, new byte[] {'h', 'i'}, true, 4, 1, 2, 3, "c", null, null, properties);
    }

    @Test
    void encodesAPing() {
        assertEncodes(1, new Ping(), "00000005 03 00000001");
    }

    @Test
    void encodesOk() {
        assertEncodes(258, new Ok(), "00000005 40 00000102");
    }

    @Test
    void encodesConnectWithItsNullFields() {
        assertEncodes(
                1,
                new Connect(null, "u", "p", 30_000, "x", "i"),
                "00000021 01 00000001 ffffffff 00000001 75 00000001 70 00007530 00000001 78 00000001 69");
    }

    @Test
    void encodesConnected() {
        assertEncodes(
                1,
                new Connected(9, 30_000, 65_536, ""),
                "00000019 42 00000001 0000000000000009 00007530 00010000 00000000");
    }

    @Test
    void encodesOpenSession() {
        assertEncodes(2, new OpenSession(3, SessionMode.ACKNOWLEDGED), "0000000a 10 00000002 00000003 01");
    }

    @Test
    void encodesOpenConsumer() {
        assertEncodes(
                2,
                new OpenConsumer(
                        3, 4, ConsumerKind.DURABLE_TOPIC, new WireDestination(Kind.TOPIC, "t"), "s", null, true, 7),
                "00000026 20 00000002 00000003 00000004 02 01 00000001 74 00000001 73 ffffffff 01"
                        + " 0000000000000007");
    }

    @Test
    void encodesFlow() {
        assertEncodes(0, new Flow(4, 5, 6, 7), "00000019 22 00000000 00000004 0000000000000005 00000006 00000007");
    }

    @Test
    void encodesSettle() {
        assertEncodes(
                0,
                new Settle(3, Outcome.ACCEPTED, List.of(new TagRange(4, 5, 6))),
                "00000022 13 00000000 00000003 00 00000001 00000004 0000000000000005 0000000000000006");
    }

    @Test
    void encodesRecover() {
        assertEncodes(
                8,
                new Recover(3, List.of(new TagRange(4, 5, 6))),
                "00000021 15 00000008 00000003 00000001 00000004 0000000000000005 0000000000000006");
    }

    @Test
    void encodesFailed() {
        assertEncodes(8, new Failed(WireError.SECURITY, "no"), "0000000c 41 00000008 03 00000002 6e6f");
    }

    @Test
    void encodesASentMessage() {
        assertEncodes(
                2,
                new Send(3, message(), true),
                "0000004b 12 00000002 00000003 01"
                        + " 09 01 04 0000000000000001 0000000000000002 0000000000000003"
                        + " 00 00000001 71 00000002 4131 09 00000001 63"
                        + " 00000001 00000001 6e 05 00000007"
                        + " 00000002 6869");
    }

    static Stream<Frame> frames() {
        return Stream.of(
                new Connect("id", null, null, 0, "client", "instance"),
                new Connected(1, 2, 3, "broker"),
                new SetClientId("é"),
                new Ping(),
                new Ok(),
                new Disconnect(),
                new Failed(WireError.OUTCOME_UNKNOWN, "?"),
                new OpenSession(1, SessionMode.TRANSACTED),
                new CloseSession(1, List.of(new TagRange(2, 3, 3), new TagRange(4, 1, 2))),
                new Send(1, message(), false),
                new OpenConsumer(1, 2, ConsumerKind.QUEUE, QUEUE, null, "a = 1", false, 0),
                new CloseConsumer(2, List.of(new TagRange(2, 1, Long.MAX_VALUE))),
                new Flow(1, 2, 3, 4),
                new Pull(1),
                new Deliver(1, 2, 3, message()),
                new ConsumerClosed(1, WireError.INVALID_DESTINATION, "deleted"),
                new Settle(1, Outcome.EXPIRED, List.of(new TagRange(1, 2, 3))),
                new Commit(1, List.of(message(), message()), List.of(new TagRange(1, 2, 3))),
                new Recover(1, List.of()),
                new Unsubscribe("s"),
                new Find(QUEUE, "A1", 7),
                new Found(true),
                new MoreMessages(1, List.of(message())),
                new XaStart(1, BRANCH, XaStarting.JOIN, 30),
                new XaEnd(1, BRANCH, XaEnding.SUSPEND, List.of(message()), List.of(new TagRange(1, 2, 3))),
                new XaDecide(XaDecision.COMMIT_ONE_PHASE, BRANCH),
                new XaList(),
                new XaDone(-4, "no branch"),
                new XaBranches(List.of(BRANCH, new XaId(0, new byte[64], new byte[0]))),
                new Frame.LetIn("alice"),
                new Frame.Branch(Frame.BranchStep.PREPARE_AS, BRANCH, new XaId(8, new byte[] {1}, new byte[0])),
                new Frame.InDoubt(5, "0a0b"));
    }

    @Test
    void encodesADecision() {
        assertEncodes(2, new XaDecide(XaDecision.ROLLBACK, BRANCH), "0000000f 32 00000002 03 00000007 02 0a0b 01 0c");
    }

    @Test
    void refusesABranchWithMoreThan64Bytes() {
        ByteBuf bytes = encode(1, new XaDecide(XaDecision.PREPARE, new XaId(1, new byte[65], new byte[0])));
        bytes.skipBytes(4);
        assertThatThrownBy(() -> FrameCodec.decode(bytes)).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @MethodSource("frames")
    void readsWhatItWrote(Frame frame) {
        ByteBuf bytes = encode(5, frame);
        assertThat(bytes.readInt()).isEqualTo(bytes.readableBytes());

        assertThat(FrameCodec.decode(bytes))
                .usingRecursiveComparison(RecursiveComparisonConfiguration.builder()
                        .withStrictTypeChecking(true)
                        .build())
                .isEqualTo(new Envelope(5, frame));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void refusesEveryFrameThatIsCutShort(Frame frame) {
        ByteBuf whole = encode(5, frame);
        whole.skipBytes(4);
        for (int length = 0; length < whole.readableBytes(); length++) {
            ByteBuf cut = whole.slice(whole.readerIndex(), length);
            assertThatThrownBy(() -> FrameCodec.decode(cut)).isInstanceOf(ProtocolException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void answersRandomBytesWithAFrameOrAProtocolException(long seed) {
        Random random = new Random(seed);
        List<Frame> all = frames().toList();
        for (int i = 0; i < 5_000; i++) {
            ByteBuf bytes = encode(1, all.get(random.nextInt(all.size())));
            bytes.skipBytes(4);
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes.setByte(bytes.readerIndex() + random.nextInt(bytes.readableBytes()), random.nextInt(256));
            }
            try {
                assertThat(FrameCodec.decode(bytes)).as("seed %s", seed).isNotNull();
            } catch (ProtocolException expected) {
                assertThat(expected).hasMessageMatching("(?s).+");
            }
        }
    }

    private static ByteBuf encode(int correlation, Frame frame) {
        ByteBuf out = Unpooled.buffer();
        FrameCodec.encode(new Envelope(correlation, frame), out);
        return out;
    }

    private static void assertEncodes(int correlation, Frame frame, String hex) {
        assertThat(ByteBufUtil.hexDump(encode(correlation, frame))).isEqualTo(hex.replace(" ", ""));
    }
}
