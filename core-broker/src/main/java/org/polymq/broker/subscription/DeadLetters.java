/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.BodyReader;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Upload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves messages that were delivered too often to a queue of their own: the acknowledgement and the copy are one entry
 * of the log. It has a thread, where it may wait for the disk. Safe from any thread.
 */
public final class DeadLetters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    /** The path below the first level of the topic that a dead letter came from. */
    public static final String ORIGIN_PATH = "DLQ_ORIGIN_PATH";
    /** Why it is one. */
    public static final String REASON = "DLQ_REASON";
    /** How often it was delivered. */
    public static final String DELIVERIES = "DLQ_DELIVERIES";

    private final Publisher publisher;
    private final LongAdder moved = new LongAdder();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "polymq-dead-letters");
        made.setDaemon(true);
        return made;
    });
    private final Lane lane = new Lane() {
        @Override
        public boolean inLane() {
            return false;
        }

        @Override
        public void execute(Runnable task) {
            DeadLetters.this.execute(task, 0);
        }
    };

    public DeadLetters(Publisher publisher) {
        this.publisher = publisher;
    }

    /** Runs a task some time later, on this thread; forgotten when the broker closes. */
    void execute(Runnable task, long delayMillis) {
        try {
            thread.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the broker closes: what was to come back comes back after its start", e);
        }
    }

    /**
     * Moves a message that was delivered too often.
     *
     * @param settlement its acknowledgement
     * @param queue the dead-letter queue
     */
    void move(SubscriptionKey key, Delivery delivery, Settlement settlement, String queue, Reply<Done> reply) {
        String reason = String.format(Locale.ROOT, "%s was handed it %d times", nameOf(key), delivery.deliveryCount());
        move(delivery, settlement, queue, reason, reply);
    }

    /**
     * Moves one message.
     *
     * @param settlement its acknowledgement
     * @param queue the dead-letter queue
     * @param reason why it is a dead letter, for people
     */
    public void move(Delivery delivery, Settlement settlement, String queue, String reason, Reply<Done> reply) {
        execute(() -> moveNow(delivery, settlement, queue, reason, reply), 0);
    }

    private void moveNow(Delivery delivery, Settlement settlement, String queue, String reason, Reply<Done> reply) {
        Outgoing letter;
        try {
            letter = letter(delivery, queue, reason);
        } catch (BrokerException unreadable) {
            reply.failed(unreadable);
            return;
        }
        publisher.commit(
                List.of(letter),
                List.of(settlement),
                lane,
                Reply.of(
                        stored -> {
                            moved.increment();
                            LOG.warn(
                                    "message {} is in queue {} now: {}",
                                    letter.message().id(),
                                    queue,
                                    reason);
                            reply.ok(Done.DONE);
                        },
                        reply::failed));
    }

    private Outgoing letter(Delivery delivery, String queue, String reason) {
        StoredMessage stored = delivery.message();
        Message origin = stored.isChunked() ? stored.toHeaders() : stored.toMessage();
        List<Property> about = new ArrayList<>();
        about.add(Property.of(NativeNames.DLQ_ORIGIN_TOPIC, stored.address().topic()));
        if (stored.path() != null) {
            about.add(Property.of(ORIGIN_PATH, stored.path()));
        }
        if (origin.id() != null) {
            about.add(Property.of(NativeNames.DLQ_ORIGIN_MESSAGE_ID, origin.id()));
        }
        about.add(Property.of(REASON, reason));
        about.add(Property.of(DELIVERIES, delivery.deliveryCount()));
        Address address = Names.ofQueue(queue);
        Message letter = with(about, origin)
                .address(address)
                .expiresAt(0)
                .deliverAt(0)
                .durable(true)
                .retain(false)
                .qosTwoId(null)
                .origin(Origin.BROKER)
                .build();
        Outgoing outgoing = Outgoing.toQueue(letter);
        return stored.isChunked() ? outgoing.withBody(copy(stored.bodyReader())) : outgoing;
    }

    /** The message with more properties. A native message is stored as its property string says. */
    private static Message.Builder with(List<Property> more, Message message) {
        String raw = message.nativeProperties();
        if (raw == null) {
            List<Property> properties = new ArrayList<>(message.properties());
            properties.addAll(more);
            return message.toBuilder().properties(properties);
        }
        String string = NativeProperties.without(raw, NativeNames.TOPIC_PATH);
        for (Property property : more) {
            string = NativeProperties.with(string, property.name(), NativeProperties.plain(property.text()));
        }
        return message.toBuilder().nativeProperties(string);
    }

    private Upload copy(BodyReader body) {
        Upload upload = publisher.begin(lane);
        body.forEachRemaining(upload::part);
        return upload;
    }

    /** Dead letters since the start. */
    public long count() {
        return moved.sum();
    }

    /** What a subscription is called in names of dead-letter queues: client id, '.' and name; of a queue its name. */
    static String nameOf(SubscriptionKey key) {
        return key.kind() == SubscriptionKey.Kind.QUEUE ? key.name() : escaped(key.owner()) + "." + escaped(key.name());
    }

    private static String escaped(String text) {
        return text.replace("%", "%25").replace(".", "%2E").replace("/", "%2F");
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
