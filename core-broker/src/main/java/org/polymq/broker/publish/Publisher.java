/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.group.Groups;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.LargeBody;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageCodec;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.NameLimits;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.OrderHash;
import org.polymq.broker.message.Origin;
import org.polymq.broker.state.Committer;
import org.polymq.broker.subscription.QueueDepth;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.subscription.SubscriptionsView;
import org.polymq.broker.timer.Timers;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;
import org.polymq.broker.topic.TopicsView;

/**
 * The way in for messages. A missing topic is made; one of the other kind is refused with WRONG_KIND. Replies run on
 * the caller's lane after the message is stored, applied and as durable as the log's mode says. Safe from any thread.
 */
public final class Publisher {
    /** Bytes of a body's chunk: other producers' entries come between two of them. */
    private static final int CHUNK = 256 << 10;

    private static final int CHUNK_OVERHEAD = 64;
    /** Of a transaction that is too large for one entry, bodies above this size are stored ahead. */
    private static final int SMALL = 16 << 10;

    /** Where they are still too many, smaller ones too, by steps of this factor down to this size. */
    private static final int SMALLER = 8;

    private static final int SMALLEST = 64;

    private final Topics topics;
    private final Committer committer;
    private final LiveRouter live;
    private final MessageFollowers followers;
    private final SubscriptionsView subscriptions;
    private final Groups groups;
    private final MessageCodec codec;
    private final Timers timers;
    private final DirectDelivery direct;
    private final QueueDepth depth;
    private final InstantSource clock;
    private final Settings settings;
    private final Uploads uploads;
    private final TopicsInTheMaking making = new TopicsInTheMaking();

    /**
     * @param defaultQueues queues of a topic that JMS or MQTT makes
     * @param maxMessageSize bytes of a message, its properties included
     * @param maxWholeSize bytes of a record that holds a whole message: the body of a larger one is stored in chunks,
     *     and a native send of a larger one is refused
     * @param uploadMemory bytes that bodies on their way in may take before they are stored, all connections together
     * @param names what a topic's name may be
     * @param queueDepth most messages that wait in one queue; 0 for any number
     */
    public record Settings(
            int defaultQueues,
            int maxMessageSize,
            int maxWholeSize,
            long uploadMemory,
            NameLimits names,
            long queueDepth) {
        /** Without messages in chunks, limits of names and of queues. */
        public Settings(int defaultQueues, int maxMessageSize) {
            this(defaultQueues, maxMessageSize, maxMessageSize, 64 << 20);
        }

        /** Without limits of names and of queues. */
        public Settings(int defaultQueues, int maxMessageSize, int maxWholeSize, long uploadMemory) {
            this(defaultQueues, maxMessageSize, maxWholeSize, uploadMemory, NameLimits.NONE, 0);
        }
    }

    public Publisher(
            Topics topics,
            Committer committer,
            LiveRouter live,
            MessageFollowers followers,
            SubscriptionsView subscriptions,
            Groups groups,
            MessageCodec codec,
            Timers timers,
            DirectDelivery direct,
            QueueDepth depth,
            InstantSource clock,
            Settings settings) {
        this.topics = topics;
        this.committer = committer;
        this.live = live;
        this.followers = followers;
        this.subscriptions = subscriptions;
        this.groups = groups;
        this.codec = codec;
        this.timers = timers;
        this.direct = direct;
        this.depth = depth;
        this.clock = clock;
        this.settings = settings;
        this.uploads = new Uploads(settings.uploadMemory());
    }

    /**
     * Stores one message, or delivers it if it is for a client. What one lane publishes to a topic keeps its order, the
     * message that makes the topic included.
     */
    public void publish(Outgoing outgoing, Lane lane, Reply<Stored> reply) {
        Destination client = outgoing.direct();
        if (client != null) {
            direct.deliver(outgoing, client, lane, reply);
            return;
        }
        String name = outgoing.message().address().topic();
        try {
            settings.names().check(outgoing.message().address());
        } catch (BrokerException refused) {
            outgoing.abandon();
            refuse(refused, lane, reply);
            return;
        }
        Reply<Topic> whenMade = Reply.of(made -> store(outgoing, made, lane, reply), cause -> {
            outgoing.abandon();
            refuse(cause, lane, reply);
        });
        if (making.await(name, outgoing.kind(), whenMade)) {
            return;
        }
        Topic topic = topics.get(name);
        if (topic == null || topic.kind() != outgoing.kind()) {
            making.make(name, outgoing.kind(), made -> topics.ensure(specOf(outgoing), lane, made), whenMade);
            return;
        }
        store(outgoing, topic, lane, reply);
    }

    /** Another lane may have made the topic: the refusal goes to the lane it belongs to. */
    private static void refuse(BrokerException cause, Lane lane, Reply<Stored> reply) {
        if (lane.inLane()) {
            reply.failed(cause);
        } else {
            lane.execute(() -> reply.failed(cause));
        }
    }

    private void store(Outgoing outgoing, Topic topic, Lane lane, Reply<Stored> reply) {
        ByteBuffer record;
        try {
            topic.checkWritable();
            depth.check(topic);
            record = staged(encode(outgoing, topic, settings.maxWholeSize(), lane));
        } catch (BrokerException refused) {
            outgoing.abandon();
            refuse(refused, lane, reply);
            return;
        }
        committer.messages(
                List.of(record), false, lane, orDrop(List.of(record), lane, reply), results -> (Stored) results[0]);
    }

    /** The same reply; if the messages are refused, the log is told that the bodies stored ahead for them are dead. */
    private <T> Reply<T> orDrop(List<ByteBuffer> records, Lane lane, Reply<T> reply) {
        List<Long> bodies = bodiesOf(records);
        return bodies.isEmpty()
                ? reply
                : Reply.of(reply::ok, refused -> {
                    Upload.drop(bodies, committer, lane);
                    reply.failed(refused);
                });
    }

    private static List<Long> bodiesOf(List<ByteBuffer> records) {
        List<Long> bodies = new ArrayList<>(0);
        for (ByteBuffer record : records) {
            LargeBody body = MessageRecord.type(record) == MessageRecord.TYPE ? LargeBody.of(record) : null;
            if (body != null) {
                bodies.add(body.id());
            }
        }
        return bodies;
    }

    /**
     * Begins a message whose body arrives in pieces. Nothing is visible before it is published with
     * {@link Outgoing#withBody}.
     *
     * @param lane where the upload is used and its callbacks run
     * @throws BrokerException LIMIT_EXCEEDED if too many are on their way in
     */
    public Upload begin(Lane lane) {
        int chunk = Math.min(CHUNK, settings.maxWholeSize() - CHUNK_OVERHEAD);
        return new Upload(
                ThreadLocalRandom.current().nextLong(), chunk, settings.maxMessageSize(), uploads, committer, lane);
    }

    /**
     * Hands a QoS 0 message to who is online, and stores it only if a native group, a JMS or durable subscription or a
     * retain flag needs it; then the reply comes when it is stored.
     */
    public void publishUnacknowledged(Message message, Lane lane, Reply<Stored> reply) {
        String topicName = message.address().topic();
        Topic topic = topics.get(topicName);
        boolean exactOnly = Names.isSystem(topicName);
        String name = message.address().name();
        if (topic != null && topic.kind() == TopicKind.QUEUE) {
            reply.failed(wrongKind(topic, TopicKind.TOPIC));
            return;
        }
        try {
            if (topic != null) {
                topic.checkWritable();
            }
        } catch (BrokerException refused) {
            reply.failed(refused);
            return;
        }
        boolean store = message.retain()
                || (topic != null && groups.reads(topic.id()))
                || (subscriptions.mayMatch(topicName) && subscriptions.matchesAny(name, exactOnly))
                || live.needsStored(name, exactOnly);
        if (store) {
            publish(Outgoing.toTopic(message), lane, reply);
        } else {
            if (followers.any()) {
                followers.published(message, null, Instant.now());
            }
            live.publish(new LiveMessage(name, message), exactOnly);
            reply.ok(Stored.unstored());
        }
    }

    /**
     * Stores records that an adapter encoded, as one atomic entry.
     *
     * @param sync whether the reply waits for the disk even if the log's mode is async
     */
    public void publishEncoded(List<ByteBuffer> records, boolean sync, Lane lane, Reply<List<Stored>> reply) {
        for (ByteBuffer record : records) {
            if (record.remaining() > settings.maxWholeSize()) {
                reply.failed(tooLarge(record.remaining(), settings.maxWholeSize()));
                return;
            }
        }
        committer.messages(records, sync, lane, reply, results -> storedOf(results, records.size()));
    }

    /** Stores a record that an adapter encoded, and acknowledgements with it, as one atomic entry. */
    public void publishEncoded(ByteBuffer record, Settlement settlement, Lane lane, Reply<Stored> reply) {
        List<ByteBuffer> records = new ArrayList<>();
        records.add(record);
        records.addAll(settlement.records());
        committer.messages(
                records,
                false,
                lane,
                Reply.of(
                        stored -> {
                            settlement.stored().run();
                            reply.ok(stored);
                        },
                        refused -> {
                            settlement.refused().run();
                            reply.failed(refused);
                        }),
                results -> (Stored) results[0]);
    }

    /** Answers when what is not stored now was not published before either: see {@link Committer#confirm}. */
    public void confirm(Lane lane, Reply<Done> reply) {
        committer.confirm(lane, reply);
    }

    /**
     * Stores messages and acknowledgements as one atomic entry: a local transaction. Answers where the messages are, in
     * order.
     */
    public void commit(List<Outgoing> messages, List<Settlement> settlements, Lane lane, Reply<List<Stored>> reply) {
        encoded(messages, lane, Reply.of(records -> store(records, settlements, lane, reply), refused -> {
            settlements.forEach(settlement -> settlement.refused().run());
            reply.failed(refused);
        }));
    }

    /**
     * The records of messages, for one who stores them later. Their topics are made, and bodies that are too large for
     * an entry together are stored ahead. What is not stored after all has to be {@linkplain #abandon abandoned}.
     */
    public void encoded(List<Outgoing> messages, Lane lane, Reply<List<ByteBuffer>> reply) {
        try {
            messages.forEach(
                    outgoing -> settings.names().check(outgoing.message().address()));
        } catch (BrokerException refused) {
            messages.forEach(Outgoing::abandon);
            reply.failed(refused);
            return;
        }
        ensureTopics(
                messages,
                0,
                lane,
                Reply.of(
                        ready -> {
                            List<ByteBuffer> records;
                            try {
                                records = encodeAll(messages, lane);
                            } catch (BrokerException refused) {
                                reply.failed(refused);
                                return;
                            }
                            reply.ok(records);
                        },
                        refused -> {
                            messages.forEach(Outgoing::abandon);
                            reply.failed(refused);
                        }));
    }

    /** Gives up records of {@link #encoded}. */
    public void abandon(List<ByteBuffer> records, Lane lane) {
        List<Long> bodies = bodiesOf(records);
        if (!bodies.isEmpty()) {
            Upload.drop(bodies, committer, lane);
        }
    }

    /** Stores records of {@link #encoded} and acknowledgements as one atomic entry; what is due later waits. */
    public void store(List<ByteBuffer> messages, List<Settlement> settlements, Lane lane, Reply<List<Stored>> reply) {
        Reply<List<Stored>> whole = Reply.of(
                stored -> {
                    settlements.forEach(settlement -> settlement.stored().run());
                    reply.ok(stored);
                },
                refused -> {
                    settlements.forEach(settlement -> settlement.refused().run());
                    reply.failed(refused);
                });
        List<ByteBuffer> records = new ArrayList<>(messages.size());
        try {
            messages.forEach(message -> records.add(staged(message)));
        } catch (BrokerException refused) {
            abandon(messages, lane);
            whole.failed(refused);
            return;
        }
        settlements.forEach(settlement -> records.addAll(settlement.records()));
        if (records.isEmpty()) {
            whole.ok(List.of());
        } else if (messages.isEmpty()) {
            committer.control(records, lane, whole, results -> List.of());
        } else {
            int count = messages.size();
            records.add(0, TransactionRecord.of(messages, records.size()));
            committer.messages(
                    records,
                    false,
                    lane,
                    orDrop(messages, lane, whole),
                    results -> storedOf(Arrays.copyOfRange(results, 1, results.length), count));
        }
    }

    private void ensureTopics(List<Outgoing> messages, int from, Lane lane, Reply<Done> ready) {
        for (int i = from; i < messages.size(); i++) {
            Outgoing outgoing = messages.get(i);
            Topic topic = topics.get(outgoing.message().address().topic());
            if (topic == null || topic.kind() != outgoing.kind()) {
                int next = i + 1;
                topics.ensure(
                        specOf(outgoing),
                        lane,
                        Reply.of(made -> ensureTopics(messages, next, lane, ready), ready::failed));
                return;
            }
        }
        ready.ok(Done.DONE);
    }

    private List<ByteBuffer> encodeAll(List<Outgoing> messages, Lane lane) {
        List<ByteBuffer> records = new ArrayList<>(messages.size());
        int inEntry = bodyInEntry(messages);
        try {
            for (Outgoing outgoing : messages) {
                String name = outgoing.message().address().topic();
                Topic topic = topics.get(name);
                if (topic == null) {
                    throw new BrokerException(
                            Reason.TOPIC_NOT_FOUND,
                            "topic " + name + " was deleted while the transaction was committed");
                }
                topic.checkWritable();
                depth.check(topic);
                records.add(encode(outgoing, topic, inEntry, lane));
            }
            return records;
        } catch (BrokerException refused) {
            messages.forEach(Outgoing::abandon);
            abandon(records, lane);
            throw refused;
        }
    }

    /** Bytes of the largest body that is not stored ahead, so that all messages fit one entry together. */
    private int bodyInEntry(List<Outgoing> messages) {
        int whole = settings.maxWholeSize();
        for (int most = whole; most > SMALLEST; most = Math.min(most, SMALL * SMALLER) / SMALLER) {
            long sum = 0;
            for (Outgoing outgoing : messages) {
                int body = outgoing.message().body().remaining();
                sum += body > most ? 0 : body;
            }
            if (sum <= whole) {
                return most;
            }
        }
        return SMALLEST;
    }

    /** The record as it is, or the one that stages it if it is not to be delivered yet. */
    public ByteBuffer staged(ByteBuffer record) {
        long due = MessageRecord.deliverAt(record);
        return due > clock.millis() ? timers.staged(due, record) : record;
    }

    /** The record of a message; a body of more than {@code inEntry} bytes is stored ahead in chunks. */
    private ByteBuffer encode(Outgoing outgoing, Topic topic, int inEntry, Lane lane) {
        int whole = settings.maxWholeSize();
        Message message = outgoing.message();
        Upload upload = outgoing.upload();
        if (upload != null) {
            return encode(message, upload.end(), topic);
        }
        int size = message.body().remaining();
        if (size > settings.maxMessageSize()) {
            throw tooLarge(size, settings.maxMessageSize());
        }
        if (size <= inEntry) {
            int queue = OrderHash.queue(message.orderHash(), topic.spread());
            ByteBuffer record = codec.encode(message, topic.id(), queue);
            if (record.remaining() <= whole) {
                return record;
            }
        }
        if (size == 0) {
            throw tooLarge(whole + 1L, whole); // its properties alone
        }
        Upload body = begin(lane);
        body.part(message.body());
        return encode(message, body.end(), topic);
    }

    private ByteBuffer encode(Message message, LargeBody body, Topic topic) {
        int queue = OrderHash.queue(message.orderHash(), topic.spread());
        ByteBuffer record = codec.encodeLarge(message, topic.id(), queue, body);
        long size = (long) record.remaining() + body.length();
        if (record.remaining() > settings.maxWholeSize()) {
            throw tooLarge(record.remaining(), settings.maxWholeSize());
        }
        if (size > settings.maxMessageSize()) {
            throw tooLarge(size, settings.maxMessageSize());
        }
        return record;
    }

    private static BrokerException tooLarge(long size, int limit) {
        return new BrokerException(
                Reason.MESSAGE_TOO_LARGE,
                "message of " + size + " bytes with its properties exceeds the limit of " + limit);
    }

    private TopicSpec specOf(Outgoing outgoing) {
        Message message = outgoing.message();
        String name = message.address().topic();
        Topic.Origin origin = message.origin() == Origin.MQTT ? Topic.Origin.MQTT : Topic.Origin.JMS;
        return outgoing.kind() == TopicKind.QUEUE
                ? TopicSpec.queue(name, origin)
                : TopicSpec.topic(name, settings.defaultQueues(), origin);
    }

    /** Whether a queue takes another message: asked by adapters before they store records of their own. */
    public QueueDepth depth() {
        return depth;
    }

    /** How long and deep names may be: asked by adapters where no message is published. */
    public NameLimits names() {
        return settings.names();
    }

    /** Bodies on their way in, for figures. */
    public Uploads uploads() {
        return uploads;
    }

    /** The refusal of a topic of the wrong kind, for adapters that find out before they publish. */
    public static BrokerException wrongKind(Topic topic, TopicKind wanted) {
        return TopicsView.wrongKind(topic, wanted);
    }

    private static List<Stored> storedOf(Object[] results, int count) {
        return Arrays.stream(results, 0, count).map(Stored.class::cast).toList();
    }
}
