/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Property;
import org.polymq.broker.subscription.SubscriptionKey;

/** What a bridge does whatever its remote speaks. */
class BridgeTest {
    @TempDir
    Path directory;

    private final FakeRemote remote = new FakeRemote();
    private BridgeBed bed;

    @BeforeEach
    void open() throws Exception {
        FakeBridgeKind.REMOTES.put(directory.resolve("plugins"), remote);
        bed = new BridgeBed(directory, "fake-bridge");
    }

    @AfterEach
    void close() {
        bed.close();
        FakeBridgeKind.REMOTES.remove(directory.resolve("plugins"));
    }

    @Test
    void whatFailsIsSentAgainAndNothingOvertakesIt() throws Exception {
        remote.failures.set(2);
        create(Map.of("out", "a"));
        for (int i = 0; i < 20; i++) {
            bed.publish("a", Integer.toString(i));
        }

        await().until(() -> bed.runner().get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text).distinct()).containsExactly(range(0, 20));
    }

    @Test
    void whatIsRefusedBecomesADeadLetterAndTheRestGoesOn() throws Exception {
        remote.refused = outbound -> text(outbound).equals("1");
        create(Map.of("out", "a"));
        for (int i = 0; i < 4; i++) {
            bed.publish("a", Integer.toString(i));
        }

        await().until(() -> remote.sent.size() == 3 && bed.runner().get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("0", "2", "3");
        bed.listen(SubscriptionKey.queue("%DLQ%BRIDGE-b"));
        await().until(() -> bed.arrived.size() == 1);
        assertThat(bed.arrived.get(0).properties().toString())
                .contains("DLQ_REASON")
                .contains("not here");
    }

    @Test
    void aRefusalStopsALinkThatIsToldSoUntilItIsRestarted() throws Exception {
        remote.refused = outbound -> text(outbound).equals("1");
        create(Map.of("out", "a", "refused", "stop"));
        for (int i = 0; i < 3; i++) {
            bed.publish("a", Integer.toString(i));
        }

        await().until(() ->
                bed.runner().get("b").status().tasks().stream().anyMatch(task -> task.state() == State.STOPPED));
        remote.refused = outbound -> false;
        bed.runner().restartTask("b", 0).get(30, TimeUnit.SECONDS);

        await().until(() -> bed.runner().get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("0", "1", "2");
    }

    @Test
    void whatCameFromTheRemoteIsNotSentBackAndWhatWasHereIsNotTakenAgain() throws Exception {
        bed.subscribe("a");
        create(Map.of("out", "a", "in", "a"));
        bed.publish("a", "mine");
        await().until(() -> remote.sent.size() == 1);
        Message mine = remote.sent.get(0).message();

        remote.toReceive.add(new Inbound(Destination.topic("a"), mine));
        remote.toReceive.add(new Inbound(
                Destination.topic("a"),
                Message.to(Address.of("a")).text("theirs").build()));

        await().until(() ->
                remote.acknowledged.get() == 2 && bed.runner().get("b").lag() == 0);
        bed.listen(BridgeBed.ARRIVED);
        await().until(() -> bed.arrived.size() == 2);
        assertThat(bed.arrived.stream().map(message -> BridgeBed.text(message.body())))
                .containsExactly("mine", "theirs");
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("mine");
    }

    @Test
    void whatHasComeRoundARingGoesNoFurther() throws Exception {
        create(Map.of("out", "a"));
        bed.publish("a", "mine");
        await().until(() -> remote.sent.size() == 1);

        bed.publish(trailed("round", remote.sent.get(0).trail() + " elsewhere"));

        await().until(() -> bed.runner().get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("mine");
        assertThat(bed.runner().get("b").counts().skipped()).isEqualTo(1);
    }

    @Test
    void whereBrokersHaveNamesNothingGoesWhereItWas() throws Exception {
        bed.subscribe("in");
        create(Map.of("out", "a", "in", "in", "local-id", "here", "remote-id", "there"));
        bed.publish(trailed("from there", "there elsewhere"));
        bed.publish(trailed("from elsewhere", "elsewhere"));
        remote.toReceive.add(new Inbound(Destination.topic("in"), trailed("mine", "elsewhere/here")));
        remote.toReceive.add(new Inbound(Destination.topic("in"), trailed("theirs", "elsewhere")));

        await().until(() ->
                remote.acknowledged.get() == 2 && bed.runner().get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("from elsewhere");
        bed.listen(BridgeBed.ARRIVED);
        await().until(() -> bed.arrived.size() == 1);
        assertThat(BridgeBed.text(bed.arrived.get(0).body())).isEqualTo("theirs");
    }

    private static Message trailed(String text, String trail) {
        return Message.to(Address.of("a"))
                .text(text)
                .properties(List.of(Property.of(Outbound.TRAIL, trail)))
                .build();
    }

    @Test
    void keepsWhatHasToBeSentWhileItIsStopped() throws Exception {
        create(Map.of("out", "a"));
        bed.publish("a", "0");
        await().until(() -> bed.runner().get("b").lag() == 0);
        bed.runner().setTarget("b", Target.STOPPED).get(30, TimeUnit.SECONDS);

        bed.publish("a", "1");
        assertThat(bed.runner().get("b").lag()).isEqualTo(1);

        bed.runner().setTarget("b", Target.RUNNING).get(30, TimeUnit.SECONDS);
        await().until(() -> bed.runner().get("b").lag() == 0);
        assertThat(remote.sent.stream().map(BridgeTest::text)).containsExactly("0", "1");
    }

    @Test
    void namesAreTranslated() throws Exception {
        bed.subscribe("here/#");
        create(Map.of("out", "a/#=there/#", "in", "x=here/x"));
        bed.publish("a/b", "0");
        remote.toReceive.add(new Inbound(
                Destination.topic("x"),
                Message.to(Address.of("x"))
                        .nativeProperties("TAGS\u0001T\u0002")
                        .properties(List.of(Property.of("k", "v")))
                        .build()));

        await().until(() -> remote.sent.size() == 1 && remote.acknowledged.get() == 1);
        assertThat(remote.sent.get(0).to()).isEqualTo(Destination.topic("there/b"));
        bed.listen(BridgeBed.ARRIVED);
        await().until(() -> bed.arrived.size() == 1);
        assertThat(bed.arrived.get(0).address().name()).isEqualTo("here/x");
        assertThat(bed.arrived.get(0).tag()).isEqualTo("T");
    }

    private void create(Map<String, String> options) throws Exception {
        Map<String, String> all = new HashMap<>(options);
        all.put("url", "mqtt://nowhere");
        bed.create(all);
    }

    private static String text(Outbound outbound) {
        return BridgeBed.text(outbound.message().body());
    }

    private static String[] range(int from, int to) {
        String[] all = new String[to - from];
        for (int i = from; i < to; i++) {
            all[i - from] = Integer.toString(i);
        }
        return all;
    }
}
