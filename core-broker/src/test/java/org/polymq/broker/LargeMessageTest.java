/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.BodyReader;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.publish.Upload;
import org.polymq.broker.state.Retention;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.Failpoints;
import org.polymq.storage.FlushMode;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

class LargeMessageTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private Broker broker;
    private InstantSource clock = InstantSource.system();

    @BeforeEach
    void open() throws Exception {
        Broker.Settings settings = new Broker.Settings(
                "DefaultCluster",
                new Publisher.Settings(4, 20 * MIB, MIB, 4 * MIB),
                new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24)));
        LogConfig log = new LogConfig(directory, 4 * MIB, FlushMode.ASYNC, Duration.ofMillis(200), 2 * MIB, 0);
        broker = Broker.open(settings, log, new NioDisk(), clock, Failpoints.NONE);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void storesABodyOfSeveralSegmentsAndGivesItBackOverARestart() throws Exception {
        byte[] body = bytes(10 * MIB + 17);

        Stored stored = publish("big/one", body);

        assertRead(stored, body);
        restart();
        assertRead(stored, body);
    }

    @Test
    void givesOffsetReadersTheWholeRecordAndItsSize() {
        byte[] body = bytes(3 * MIB);

        Stored stored = publish("big", body);

        Topic topic = broker.topics().find("big").orElseThrow();
        long[] size = {0};
        broker.queues().visit(topic.queueKey(stored.queueId()), 0, 10, (offset, position, bytes, tag, expires) -> {
            size[0] = bytes;
            return true;
        });
        ByteBuffer record = broker.queues().record(stored.position());
        assertThat(size[0]).isBetween(3L * MIB, 3L * MIB + 1000);
        StoredMessage whole = new StoredMessage(record, stored.position(), 0);
        assertThat(whole.body()).isEqualTo(ByteBuffer.wrap(body));
        assertThat(whole.isChunked()).isFalse();
        assertThat(whole.address().name()).isEqualTo("big");
    }

    @Test
    void takesABodyInPartsAndShowsItAtOnce() {
        byte[] body = bytes(5 * MIB);
        Upload upload = broker.publisher().begin(Lane.direct());
        for (int at = 0; at < body.length; at += 100_000) {
            upload.part(ByteBuffer.wrap(body, at, Math.min(100_000, body.length - at)));
        }
        assertThat(broker.topics().find("parts")).isEmpty();

        Answer<Stored> answer = new Answer<>();
        broker.publisher().publish(Outgoing.toTopic(message("parts", null)).withBody(upload), Lane.direct(), answer);

        assertRead(answer.get(), body);
        assertThat(broker.publisher().uploads().taken()).isZero();
    }

    @Test
    void forgetsWhatWasAbortedOrNotFinishedBeforeTheRestart() throws Exception {
        Upload aborted = broker.publisher().begin(Lane.direct());
        aborted.part(ByteBuffer.wrap(bytes(MIB)));
        Upload unfinished = broker.publisher().begin(Lane.direct());
        unfinished.part(ByteBuffer.wrap(bytes(MIB)));
        assertThat(broker.largeBodies()).isEqualTo(2);

        aborted.abort();
        assertThat(broker.largeBodies()).isEqualTo(1);
        restart();

        assertThat(broker.largeBodies()).isZero();
    }

    @Test
    void refusesABodyAboveTheLimitAndUploadsAboveTheMemory() {
        assertThatThrownBy(() -> publish("big", bytes(20 * MIB + 1)))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE));
        List<Upload> uploads = new ArrayList<>();

        assertThatThrownBy(() -> {
                    while (true) {
                        uploads.add(broker.publisher().begin(Lane.direct()));
                    }
                })
                .hasMessageContaining("limits.large-message-memory");

        uploads.forEach(Upload::abort);
        assertThat(broker.publisher().uploads().taken()).isZero();
        assertThat(broker.publisher().uploads().refused()).isEqualTo(1);
    }

    @Test
    void storesATransactionThatFitsNoEntryAllAtOnce() {
        List<Outgoing> messages = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            messages.add(Outgoing.toTopic(message("transaction", bytes(MIB / 2))));
        }
        Answer<List<Stored>> answer = new Answer<>();

        broker.publisher().commit(messages, List.of(), Lane.direct(), answer);

        for (Stored stored : answer.get()) {
            assertRead(stored, bytes(MIB / 2));
        }
    }

    @Test
    void keepsTheChunksAsLongAsTheirMessageAndNoLonger() {
        byte[] body = bytes(6 * MIB);
        Answer<Stored> answer = new Answer<>();
        Message retained =
                message("kept/for/long", body).toBuilder().retain(true).build();
        broker.publisher().publish(Outgoing.toTopic(retained), Lane.direct(), answer);
        Stored stored = answer.get();
        broker.close();
        clock = InstantSource.offset(InstantSource.system(), Duration.ofDays(7));
        assertThat(openAgain()).isTrue();
        roll();

        broker.runRetention();
        assertRead(stored, body);

        publish("kept/for/long", bytes(0), true);
        roll();
        broker.runRetention();
        broker.runRetention();

        assertThat(broker.largeBodies()).isZero();
        assertThatThrownBy(() -> broker.messages().read(stored.position()).body())
                .isInstanceOf(BrokerException.class);
    }

    @Test
    void keepsADelayedBodyOverARestartUntilItIsSeen() throws Exception {
        byte[] body = bytes(3 * MIB);
        Answer<Stored> answer = new Answer<>();
        Message delayed = message("later", body).toBuilder()
                .deliverAt(clock.millis() + 1_500)
                .build();
        broker.publisher().publish(Outgoing.toTopic(delayed), Lane.direct(), answer);
        Stored staged = answer.get();
        restart();

        Topic topic = broker.topics().find("later").orElseThrow();
        long queue = topic.queueKey(staged.queueId());
        await().until(() -> broker.queues().end(queue) == 1);

        long[] found = {0};
        broker.queues().visit(queue, 0, 1, (offset, position, bytes, tag, expires) -> {
            found[0] = position;
            return true;
        });
        assertThat(broker.messages().read(found[0]).body()).isEqualTo(ByteBuffer.wrap(body));
    }

    @Test
    void refusesANativeSendAboveItsLimit() {
        publish("native", bytes(1));
        Answer<List<Stored>> answer = new Answer<>();

        broker.publisher().publishEncoded(List.of(ByteBuffer.allocate(MIB + 1)), false, Lane.direct(), answer);

        assertThatThrownBy(answer::get)
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE));
    }

    private boolean openAgain() {
        try {
            open();
            return true;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void roll() {
        for (int i = 0; i < 3; i++) {
            publish("filler", bytes(10));
            long end = broker.log().end();
            broker.log().roll();
            await().until(() -> broker.log().removableBelow() >= 0 && snapshotTaken(end));
        }
        await().until(() -> broker.log().removableBelow() > 0);
    }

    private boolean snapshotTaken(long end) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString())
                    .filter(name -> name.endsWith(".snapshot"))
                    .anyMatch(name -> Long.parseLong(name.substring(0, 20)) >= end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void restart() throws Exception {
        broker.close();
        open();
    }

    private Stored publish(String name, byte[] body) {
        return publish(name, body, false);
    }

    private Stored publish(String name, byte[] body, boolean retain) {
        Answer<Stored> answer = new Answer<>();
        Message message = message(name, body).toBuilder().retain(retain).build();
        broker.publisher().publish(Outgoing.toTopic(message), Lane.direct(), answer);
        return answer.get();
    }

    private static Message message(String name, byte @Nullable [] body) {
        Message.Builder message =
                Message.to(Names.ofMqtt(name)).origin(Origin.MQTT).qos(1);
        if (body == null) {
            message.noBody(BodyKind.BYTES);
        } else {
            message.body(BodyKind.BYTES, body);
        }
        return message.build();
    }

    private void assertRead(Stored stored, byte[] body) {
        StoredMessage read = broker.messages().read(stored.position());
        assertThat(read.bodyLength()).isEqualTo(body.length);
        assertThat(read.toMessage().body()).isEqualTo(ByteBuffer.wrap(body));
        ByteBuffer pieces = ByteBuffer.allocate(body.length);
        BodyReader reader = read.bodyReader();
        while (reader.hasNext()) {
            ByteBuffer piece = reader.next();
            assertThat(piece.remaining()).isLessThanOrEqualTo(MIB);
            pieces.put(piece);
        }
        assertThat(pieces.array()).isEqualTo(body);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
