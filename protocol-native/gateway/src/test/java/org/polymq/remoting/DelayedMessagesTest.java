/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.TestBroker;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;

class DelayedMessagesTest {
    @TempDir
    Path directory;

    @Test
    void theStagingTopicIsToldOnceWhenTwoProducersMakeItAtOnce() {
        try (Broker broker = TestBroker.open(directory)) {
            AtomicInteger told = new AtomicInteger();
            AtomicInteger answered = new AtomicInteger();
            DelayedMessages delayed = new DelayedMessages(
                    broker.topics(), new NativeTopicNames(), InstantSource.system(), topic -> told.incrementAndGet());
            Reply<Topic> reply = Reply.of(topic -> answered.incrementAndGet(), refused -> {});

            // Inside an answer of the log nothing further is applied: both find no topic.
            broker.topics()
                    .ensure(
                            TopicSpec.topic("other", 1, Topic.Origin.NATIVE),
                            Lane.direct(),
                            Reply.of(
                                    made -> {
                                        delayed.topic(Lane.direct(), reply);
                                        delayed.topic(Lane.direct(), reply);
                                    },
                                    refused -> {}));

            assertThat(answered).hasValue(2);
            assertThat(told).hasValue(1);
        }
    }
}
