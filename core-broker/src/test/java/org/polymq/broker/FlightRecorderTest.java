/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.message.BodyKind;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.subscription.SubscriptionKey;

/** What Java's flight recorder is told of the hot paths. */
class FlightRecorderTest {
    @TempDir
    private Path directory;

    @Test
    void tellsOfAppendsDeliveriesFlushesAndRequests() throws IOException {
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            recording.enable("org.polymq.Append");
            recording.enable("org.polymq.Delivery");
            recording.enable("org.polymq.Flush").withThreshold(Duration.ZERO);
            recording.enable("org.polymq.SlowRequest").withThreshold(Duration.ZERO);
            recording.start();
            publishAndConsume("with");
            events = stop(recording);
        }

        assertThat(of(events, "org.polymq.Append")).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getInt("requests")).isPositive();
            assertThat(event.getLong("bytes")).isPositive();
        });
        assertThat(of(events, "org.polymq.Delivery")).anySatisfy(event -> {
            assertThat(event.getString("subscription")).contains("jobs");
            assertThat(event.getInt("messages")).isPositive();
        });
        assertThat(of(events, "org.polymq.Flush")).isNotEmpty();
        assertThat(of(events, "org.polymq.SlowRequest"))
                .anySatisfy(event -> assertThat(event.getBoolean("control")).isFalse());
    }

    @Test
    void tellsNothingOfWhatIsFrequentUnlessAsked() throws IOException {
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            recording.start();
            publishAndConsume("without");
            events = stop(recording);
        }

        assertThat(of(events, "org.polymq.Append")).isEmpty();
        assertThat(of(events, "org.polymq.Delivery")).isEmpty();
    }

    private void publishAndConsume(String name) throws IOException {
        try (Broker broker = TestBroker.open(directory.resolve(name))) {
            Message message = Message.to(Names.ofQueue("jobs"))
                    .origin(Origin.JMS)
                    .body(BodyKind.BYTES, new byte[10])
                    .build();
            broker.publisher().publish(Outgoing.toQueue(message), Lane.direct(), new Answer<>());
            assertThat(Inbox.of(broker, SubscriptionKey.queue("jobs"), 10).texts())
                    .hasSize(1);
        }
    }

    private List<RecordedEvent> stop(Recording recording) throws IOException {
        recording.stop();
        Path file = directory.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file);
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }
}
