/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.polymq.tck.client.JmsRequestReply;
import org.polymq.tck.client.JmsRequestReply.Answers;
import org.polymq.tck.client.Mqtt5RequestReply;
import org.polymq.tck.client.RequestReply;
import org.polymq.tck.client.RocketMqVersion;

/** Who asks in one protocol is answered from any other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestReplyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final SharedServer SERVER = new SharedServer();

    private final Map<Side, RequestReply> responders = new LinkedHashMap<>();
    private final Map<Side, RequestReply> requesters = new LinkedHashMap<>();

    /** A client and how it asks. */
    enum Side {
        NATIVE4,
        NATIVE5,
        JMS,
        JMS_QUEUE,
        JMS_TOPIC,
        MQTT5;

        RequestReply open() throws Exception {
            return switch (this) {
                case NATIVE4 -> RocketMqVersion.V4.requestReply(SERVER.at());
                case NATIVE5 -> RocketMqVersion.V5.requestReply(SERVER.at());
                case JMS -> new JmsRequestReply(SERVER.at(), Answers.TEMPORARY_QUEUE);
                case JMS_QUEUE -> new JmsRequestReply(SERVER.at(), Answers.QUEUE);
                case JMS_TOPIC -> new JmsRequestReply(SERVER.at(), Answers.TOPIC);
                case MQTT5 -> new Mqtt5RequestReply(SERVER.at());
            };
        }

        /** Ways to ask that are no other ways to answer. */
        boolean asksOnly() {
            return this == JMS_QUEUE || this == JMS_TOPIC;
        }
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Side.values())
                .flatMap(asks -> Stream.of(Side.values())
                        .filter(answers -> !answers.asksOnly())
                        .map(answers -> Arguments.of(asks, answers)));
    }

    @AfterAll
    void close() {
        List<RequestReply> all = new ArrayList<>(requesters.values());
        all.addAll(responders.values());
        all.parallelStream().forEach(RequestReply::close);
    }

    @ParameterizedTest(name = "{0} asks, {1} answers")
    @MethodSource("pairs")
    void whoAsksIsAnsweredFromEveryProtocol(Side asks, Side answers) throws Exception {
        RequestReply responder = responder(answers);

        for (int i = 0; i < 2; i++) {
            String question = asks + " to " + answers + " " + i;
            assertThat(requester(asks).ask(topic(answers), question, PATIENCE)).isEqualTo("re: " + question);
        }
        assertThat(responder.refusal()).isEmpty();
    }

    @Test
    void whoIsNotAnsweredIsToldInTime() throws Exception {
        List<RequestReply> asking = new ArrayList<>();
        for (Side asks : List.of(Side.NATIVE4, Side.NATIVE5, Side.JMS, Side.MQTT5)) {
            asking.add(requester(asks));
        }

        assertThat(asking.parallelStream().filter(RequestReplyIT::isToldThatNobodyAnswers))
                .hasSize(asking.size());
    }

    private static boolean isToldThatNobodyAnswers(RequestReply requester) {
        try {
            requester.ask("nobody-answers", "anybody?", Duration.ofSeconds(8));
            return false;
        } catch (TimeoutException expected) {
            return true;
        } catch (Exception e) {
            throw new IllegalStateException("asking failed", e);
        }
    }

    static Stream<Side> asking() {
        return Stream.of(Side.NATIVE4, Side.NATIVE5, Side.JMS, Side.MQTT5);
    }

    @ParameterizedTest(name = "{0} answers")
    @MethodSource("asking")
    void anAnswerToANativeClientThatIsGoneIsRefused(Side answers) throws Exception {
        String refusal = refusalOfALateAnswer(Side.NATIVE5, answers);

        if (answers == Side.NATIVE4 || answers == Side.NATIVE5) {
            assertThat(refusal).contains("1 push reply message fail, channel of <", "> not found");
        } else if (answers == Side.JMS) {
            assertThat(refusal).contains("InvalidDestination");
        } else {
            assertThat(refusal).startsWith("reason 0x");
        }
    }

    @Test
    void anAnswerToATemporaryQueueThatIsGoneIsRefused() throws Exception {
        assertThat(refusalOfALateAnswer(Side.JMS, Side.NATIVE4)).contains("1 there is no temporary destination");
        assertThat(refusalOfALateAnswer(Side.JMS, Side.MQTT5)).startsWith("reason 0x");
    }

    private static String refusalOfALateAnswer(Side asks, Side answers) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        String topic = "late-" + asks + "-" + answers;
        try (RequestReply responder = answers.open()) {
            responder.answer(topic, question -> {
                if (question.equals("ready?")) {
                    return "yes";
                }
                asked.countDown();
                await().atMost(PATIENCE).until(() -> gone.getCount() == 0);
                return "too late";
            });
            RequestReply requester = asks.open();
            assertThat(requester.ask(topic, "ready?", PATIENCE)).isEqualTo("yes");
            assertThatThrownBy(() -> requester.ask(topic, "slow?", Duration.ofSeconds(5)))
                    .isInstanceOf(TimeoutException.class);
            await().atMost(PATIENCE).until(() -> asked.getCount() == 0);
            requester.close();
            gone.countDown();
            return await().atMost(PATIENCE).until(responder::refusal, said -> !said.isEmpty());
        }
    }

    private RequestReply requester(Side side) throws Exception {
        RequestReply known = requesters.get(side);
        if (known == null) {
            known = side.open();
            requesters.put(side, known);
        }
        return known;
    }

    private RequestReply responder(Side side) throws Exception {
        RequestReply known = responders.get(side);
        if (known == null) {
            known = side.open();
            UnaryOperator<String> how = question -> "re: " + question;
            known.answer(topic(side), how);
            responders.put(side, known);
        }
        return known;
    }

    private static String topic(Side responder) {
        return "ask-" + responder.name();
    }
}
