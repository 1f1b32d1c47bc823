/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.connector.ConnectorsView;
import org.polymq.broker.disk.DiskMap;
import org.polymq.broker.disk.NeededPositions;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.GroupsView;
import org.polymq.broker.group.RequestModesView;
import org.polymq.broker.half.HalfMessagesView;
import org.polymq.broker.live.LiveMessage;
import org.polymq.broker.live.LiveRouter;
import org.polymq.broker.message.LargeBody;
import org.polymq.broker.message.MessageKeys;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.QosTwoId;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.publish.TransactionRecord;
import org.polymq.broker.retained.RetainedView;
import org.polymq.broker.security.AccountsView;
import org.polymq.broker.session.SessionsView;
import org.polymq.broker.session.WillsView;
import org.polymq.broker.settings.SettingsView;
import org.polymq.broker.stats.Meters;
import org.polymq.broker.subscription.PriorityLanes;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.subscription.SubscriptionsView;
import org.polymq.broker.timer.TimerRecord;
import org.polymq.broker.timer.TimersView;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicsView;
import org.polymq.broker.xa.XaRecord;
import org.polymq.broker.xa.XaView;
import org.polymq.storage.AppendRequest;
import org.polymq.storage.Log;
import org.polymq.storage.QueueIndex;
import org.polymq.storage.StateFiles;
import org.polymq.storage.StateImage;
import org.polymq.storage.StateMachine;

/**
 * Applies the log's records to the views, in log order: the same on the node that wrote them, in recovery and on a
 * replica.
 *
 * <p>What only lives in memory (waiting consumers, transient subscribers) is woken from here, but never in recovery.
 */
public final class Views implements StateMachine {
    /** One more whenever a view's image changes. Once a version is released, its images have to be read for ever. */
    private static final int VERSION = 17;
    /** The oldest that is read. */
    private static final int OLDEST = 14;

    private final Ids ids = new Ids();
    private final SubscriptionsView subscriptions = new SubscriptionsView(ids, this::index);
    private final TopicsView topics = new TopicsView(ids, subscriptions::names);
    private final GroupsView groups = new GroupsView();
    private final SessionsView sessions = new SessionsView(subscriptions);
    private final WillsView wills = new WillsView();
    private final HalfMessagesView halfMessages = new HalfMessagesView();
    private final RequestModesView requestModes = new RequestModesView();
    private final AccountsView accounts = new AccountsView();
    private final SettingsView settings = new SettingsView();
    private final ConnectorsView connectors = new ConnectorsView();
    private final DiskMap large;
    private final NeededPositions needed;
    private final RetainedView retained;
    private final TimersView timers;
    private final List<Part> saved;
    private final SegmentFacts segments;
    private final LargeBodies largeBodies = new LargeBodies();
    private final XaView preparedBranches = new XaView(subscriptions, largeBodies::forgetStaged);
    private final QueueWatches watches;
    private final LiveRouter live;
    private final Meters<Integer> published;
    private @Nullable Log log;
    /** Records below this position are in all their queues. */
    private volatile long appliedBelow;

    /** Whether the newest record that is no conditional message was refused. */
    private boolean conditionRefused;
    /** Records to come that belong to a transaction that was refused. */
    private int refusedLeft;

    /**
     * A view in the state's image, in the order in which they are there.
     *
     * @param since the first version with it
     */
    private record Part(View view, int since) {}

    /**
     * Makes empty views.
     *
     * @param large holds the views that grow with devices and messages; closed by whoever made it, after the log
     * @param published counts what is stored from now on, by topic id
     */
    public Views(QueueWatches watches, LiveRouter live, DiskMap large, Meters<Integer> published) {
        this.published = published;
        this.watches = watches;
        this.live = live;
        this.large = large;
        this.needed = new NeededPositions(large);
        this.retained = new RetainedView(large, needed);
        this.timers = new TimersView(large, needed);
        List<Keeper> keepers = List.of(needed::in, halfMessages, preparedBranches, sessions, largeBodies);
        this.segments = new SegmentFacts(topics, subscriptions, keepers, largeBodies, this::log);
        this.saved = List.of(
                new Part(ids, OLDEST),
                new Part(topics, OLDEST),
                new Part(groups, OLDEST),
                new Part(subscriptions, OLDEST),
                new Part(sessions, OLDEST),
                new Part(wills, OLDEST),
                new Part(retained, OLDEST),
                new Part(accounts, OLDEST),
                new Part(halfMessages, OLDEST),
                new Part(requestModes, OLDEST),
                new Part(settings, OLDEST),
                new Part(timers, OLDEST),
                new Part(largeBodies, OLDEST),
                new Part(preparedBranches, OLDEST),
                new Part(connectors, 15),
                new Part(accounts.version(), 16),
                new Part(connectors.spread(), 17));
    }

    /** Messages applied since the start, those of recovery not counted. */
    public long messagesApplied() {
        return published.all().count();
    }

    /**
     * The log position below which each record applied since the start is in every queue that takes it: what reads
     * several queues side by side must not look beyond. Any thread.
     */
    public long appliedBelow() {
        return appliedBelow;
    }

    public TopicsView topics() {
        return topics;
    }

    public GroupsView groups() {
        return groups;
    }

    public SubscriptionsView subscriptions() {
        return subscriptions;
    }

    public SessionsView sessions() {
        return sessions;
    }

    public WillsView wills() {
        return wills;
    }

    public AccountsView accounts() {
        return accounts;
    }

    public XaView preparedBranches() {
        return preparedBranches;
    }

    public RetainedView retained() {
        return retained;
    }

    public RequestModesView requestModes() {
        return requestModes;
    }

    public HalfMessagesView halfMessages() {
        return halfMessages;
    }

    public TimersView timers() {
        return timers;
    }

    public SettingsView settings() {
        return settings;
    }

    public ConnectorsView connectors() {
        return connectors;
    }

    public LargeBodies largeBodies() {
        return largeBodies;
    }

    @Override
    public void attach(Log attached) {
        this.log = attached;
        largeBodies.attach(attached);
    }

    @Override
    public void apply(long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int index) {
        Object answer;
        try {
            RecordType type = RecordType.of(record.get(record.position()));
            answer = refusedLeft > 0
                    ? ofRefused()
                    : switch (type) {
                        case MESSAGE -> applyMessage(position, storeTime, record, origin, index);
                        case HALF_MESSAGE -> halfMessages.applyStaged(position, storeTime, record);
                        case TIMER_MESSAGE -> applyTimer(position, storeTime, record, origin != null);
                        case BODY_CHUNK -> largeBodies.applyChunk(position, record);
                        case XA_MESSAGE -> applyXaMessage(position, storeTime, record);
                        default -> applyFact(type, position, storeTime, ControlRecord.fields(record));
                    };
        } catch (BrokerException refused) {
            answer = refused;
        } catch (IOException e) {
            throw new UncheckedIOException("record at log position " + position + " does not decode", e);
        }
        if (!isConditional(record)) {
            conditionRefused = answer instanceof BrokerException;
        }
        appliedBelow = position + 1;
        if (answer != null && origin instanceof Proposal<?> proposal) {
            proposal.answer(index, answer);
        }
    }

    /** What belongs to a transaction that was refused. */
    private Object ofRefused() {
        refusedLeft--;
        return dependent();
    }

    private @Nullable Object applyTransaction(DataInput in) throws IOException {
        TransactionRecord transaction = TransactionRecord.read(in, topic -> topics.get(topic) != null);
        if (!transaction.isRefused()) {
            return null;
        }
        refusedLeft = transaction.records();
        return new BrokerException(
                Reason.TOPIC_NOT_FOUND,
                "a topic was deleted while the transaction was committed: nothing of it is stored");
    }

    private Object applyMessage(
            long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int index) {
        int flags = MessageRecord.flags(record);
        if ((flags & MessageRecord.CONDITIONAL) != 0) {
            if (conditionRefused) {
                return dependent();
            }
            flags &= ~MessageRecord.CONDITIONAL;
        }
        LargeBody body = LargeBody.of(record);
        if (body == null) {
            return place(position, storeTime, record, flags, null, origin, index);
        }
        Object answer = place(position, storeTime, record, flags, body, origin, index);
        largeBodies.drop(body.id()); // unless it belongs to the message now
        return answer;
    }

    private static boolean isConditional(ByteBuffer record) {
        byte type = record.get(record.position());
        if (type == RecordType.MESSAGE.code()) {
            return (MessageRecord.flags(record) & MessageRecord.CONDITIONAL) != 0;
        }
        return type == RecordType.TIMER_MESSAGE.code()
                && (MessageRecord.flags(TimerRecord.message(record)) & MessageRecord.CONDITIONAL) != 0;
    }

    private static BrokerException dependent() {
        return new BrokerException(Reason.TRANSACTION_NOT_FOUND, "what the message depends on was refused");
    }

    /** Puts a message into its queues. */
    private Object place(
            long position,
            long storeTime,
            ByteBuffer record,
            int flags,
            @Nullable LargeBody body,
            @Nullable AppendRequest origin,
            int index) {
        Topic topic = topics.get(MessageRecord.topicId(record));
        if (topic == null) {
            return new BrokerException(Reason.TOPIC_NOT_FOUND, "the topic was deleted while the message was sent");
        }
        int queue = MessageRecord.queueId(record);
        if (queue < 0 || queue >= topic.queues()) {
            return new BrokerException(Reason.QUEUE_NOT_FOUND, "topic " + topic.name() + " has no queue " + queue);
        }
        if (body != null && !largeBodies.isWhole(body)) {
            return incomplete();
        }
        if ((flags & MessageRecord.QOS_TWO_ID) != 0) {
            QosTwoId id = new StoredMessage(record, position, -1).qosTwoId();
            if (id != null && !sessions.acceptPacket(id.session(), id.epoch(), id.packetId())) {
                return Stored.duplicate(storeTime);
            }
        }
        if (body != null) {
            largeBodies.complete(body, position, topic.id());
        }
        long key = topic.queueKey(queue);
        int size = body == null ? record.remaining() : record.remaining() + body.length();
        int tagHash = MessageRecord.tagHash(record);
        long expiresAt = MessageRecord.expiresAt(record);
        int priority = MessageRecord.priority(record);
        if (topic.kind() == TopicKind.QUEUE && priority != PriorityLanes.ORDINARY) {
            flags = PriorityLanes.flags(flags, priority);
            index().append(PriorityLanes.queue(key, priority), position, size, tagHash, flags, expiresAt);
            subscriptions.laned(key, priority);
        }
        long offset = index().append(key, position, size, tagHash, flags, expiresAt);
        if (origin != null) {
            watches.touch(key);
            published.add(topic.id(), 1, size);
        }
        boolean retain = (flags & MessageRecord.RETAIN) != 0;
        if (topic.kind() == TopicKind.TOPIC
                && (retain
                        || subscriptions.mayMatch(topic.name())
                        || (origin != null && live.mayMatch(topic.name())))) {
            ByteBuffer lasting =
                    origin == null ? record : origin.records().get(index).duplicate();
            StoredMessage message = new StoredMessage(lasting, position, offset, largeBodies);
            String name = message.address().name();
            boolean exactOnly = Names.isSystem(topic.name());
            for (long filterQueue : subscriptions.filterQueues(name, exactOnly)) {
                index().append(filterQueue, position, size, tagHash, flags, expiresAt);
                if (origin != null) {
                    watches.touch(filterQueue);
                }
            }
            if (retain) {
                retain(message, name, position);
            }
            if (origin != null) {
                live.collect(new LiveMessage(name, message), exactOnly);
            }
        }
        return new Stored(position, queue, offset, storeTime);
    }

    private static BrokerException incomplete() {
        return new BrokerException(Reason.INVALID_MESSAGE, "not all chunks of the message's body are stored");
    }

    private Object applyTimer(long position, long storeTime, ByteBuffer record, boolean live) {
        ByteBuffer message = TimerRecord.message(record);
        if ((MessageRecord.flags(message) & MessageRecord.CONDITIONAL) != 0 && conditionRefused) {
            return dependent();
        }
        BrokerException refused = stage(position, message);
        return refused != null ? refused : timers.applyStaged(position, storeTime, record, live);
    }

    private Object applyXaMessage(long position, long storeTime, ByteBuffer record) {
        BrokerException refused = stage(position, XaRecord.message(record));
        return refused != null ? refused : preparedBranches.applyMessage(position, storeTime, record);
    }

    /** A message that is stored again when it is seen; answers why not. */
    private @Nullable BrokerException stage(long position, ByteBuffer message) {
        int topic = MessageRecord.topicId(message);
        if (topics.get(topic) == null) {
            return new BrokerException(Reason.TOPIC_NOT_FOUND, "the topic was deleted while the message was sent");
        }
        LargeBody body = LargeBody.of(message);
        if (body != null) {
            if (!largeBodies.isWhole(body)) {
                return incomplete();
            }
            largeBodies.stage(body, position, topic);
        }
        return null;
    }

    // An empty payload clears what was retained (MQTT 5, 3.3.1.3).
    private void retain(StoredMessage message, String name, long position) {
        if (message.bodyLength() == 0) {
            retained.clear(name);
        } else {
            retained.set(name, position);
        }
    }

    private @Nullable Object applyFact(RecordType type, long position, long storeTime, DataInput in)
            throws IOException {
        return switch (type) {
            case MESSAGE, HALF_MESSAGE, TIMER_MESSAGE, BODY_CHUNK, XA_MESSAGE ->
                throw new IllegalArgumentException("a message is not a fact about messages");
            case BODY_DROPPED -> {
                largeBodies.applyDrop(in);
                yield null;
            }
            case TOPIC -> {
                Object answer = topics.apply(in);
                if (answer instanceof Topic topic) {
                    subscriptions.topicApplied(topic);
                }
                yield answer;
            }
            case TOPIC_DELETED -> topicDeleted(topics.applyDeletion(in));
            case GROUP -> groups.apply(in);
            case GROUP_DELETED -> groupDeleted(groups.applyDeletion(in));
            case OFFSETS -> {
                groups.applyOffsets(in, topic -> topics.get(topic) != null);
                yield null;
            }
            case SUBSCRIPTION -> subscriptions.applySubscribe(in);
            case SUBSCRIPTION_DELETED -> subscriptions.applyUnsubscribe(in);
            case ACKNOWLEDGED -> {
                subscriptions.applyAcknowledged(in);
                yield null;
            }
            case DELIVERY_COUNT -> {
                subscriptions.applyCount(in);
                yield null;
            }
            case SESSION -> sessions.applySession(in);
            case SESSION_ENDED -> sessions.applyEnded(in);
            case SESSION_FILTERS -> sessions.applyFilters(in);
            case PACKET_RELEASED, PACKET_ASSIGNED, PACKET_RECEIVED, PACKET_COMPLETED -> sessions.applyPacket(type, in);
            case POP_SUBSCRIPTION -> subscriptions.applyOpenQueue(in);
            case REQUEST_MODE -> {
                requestModes.apply(in);
                yield null;
            }
            case HALF_ENDED -> halfMessages.applyEnded(in);
            case TIMER_ENDED -> timers.applyEnded(in);
            case HALF_CHECKED -> {
                halfMessages.applyChecked(in, storeTime);
                yield null;
            }
            case USER,
                    USER_DELETED,
                    ROLE,
                    ROLE_DELETED,
                    ACCESS_KEY,
                    ACCESS_KEY_DELETED,
                    ACCESS_TOKEN,
                    ACCESS_TOKEN_DELETED,
                    ACCOUNTS_MIRRORED -> accounts.apply(type, storeTime, in);
            case SETTINGS -> settings.apply(in);
            case CONNECTOR, CONNECTOR_DELETED, CONNECTOR_POSITIONS, CONNECTORS_MIRRORED ->
                connectors.apply(type, storeTime, in);
            case XA_PREPARED -> preparedBranches.applyPrepared(in, storeTime);
            case XA_ENDED -> preparedBranches.applyEnded(in, storeTime);
            case XA_FORGOTTEN -> preparedBranches.applyForgotten(in);
            case WILL -> wills.applyStored(in);
            case WILL_DUE -> wills.applyDue(in);
            case WILL_ENDED -> wills.applyEnded(in);
            case SHARED_UNUSED -> {
                sessions.applySharedUnused(in);
                yield null;
            }
            case TRANSACTION -> applyTransaction(in);
            case SEGMENT_REMOVED -> segments.applyRemoved(position, in);
            case SEGMENT_CLEANED -> segments.applyCleaned(position, in);
            case SUBSCRIPTION_CAPPED -> subscriptions.applyCapped(in);
            case SUBSCRIPTION_UNUSED -> {
                subscriptions.applyUnused(in);
                yield null;
            }
        };
    }

    /** What is done to whole segments. */
    SegmentFacts segments() {
        return segments;
    }

    private @Nullable Object groupDeleted(@Nullable Object deleted) {
        if (deleted instanceof Group group) {
            subscriptions.forgetGroup(group.name());
            requestModes.forgetGroup(group.name());
        }
        return deleted;
    }

    private @Nullable Object topicDeleted(@Nullable Topic topic) {
        if (topic == null) {
            return null;
        }
        for (int queue = 0; queue < topic.queues(); queue++) {
            index().remove(topic.queueKey(queue));
            watches.touch(topic.queueKey(queue)); // who waits there is to see that it is gone
            PriorityLanes.all(topic.queueKey(queue)).forEach(index()::remove);
            subscriptions.forgetQueue(topic.queueKey(queue));
        }
        groups.forget(topic.queueKey(0), topic.queues());
        subscriptions.delete(SubscriptionKey.queue(topic.name()));
        retained.clearBelow(topic.name());
        largeBodies.forgetTopic(topic.id());
        return topic;
    }

    @Override
    public void keys(ByteBuffer record, IntConsumer hashes) {
        if (MessageRecord.type(record) == MessageRecord.TYPE) {
            MessageKeys.hashes(record, hashes);
        }
    }

    @Override
    public void entryApplied() {
        watches.wake();
        live.flush();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        image().write(out);
    }

    @Override
    public StateImage image() throws IOException {
        List<StateImage> images = new ArrayList<>();
        for (Part part : saved) {
            images.add(part.view().image());
        }
        images.add(large.image());
        return out -> {
            out.writeInt(VERSION);
            for (StateImage image : images) {
                image.write(out);
            }
        };
    }

    @Override
    public StateFiles saveFiles() {
        return large.saveFiles();
    }

    @Override
    public void loadFiles(@Nullable Path directory) throws IOException {
        large.loadFiles(directory);
    }

    @Override
    public void load(DataInput in) throws IOException {
        int version = in.readInt();
        if (version < OLDEST || version > VERSION) {
            throw new IOException("the state in the snapshot has format " + version + ", which "
                    + (version > VERSION ? "a newer version wrote" : "a version before the first release wrote")
                    + "; this one reads " + VERSION);
        }
        for (Part part : saved) {
            if (version >= part.since()) {
                part.view().load(in);
            }
        }
        large.load(in);
    }

    private QueueIndex index() {
        return log().index();
    }

    private Log log() {
        if (log == null) {
            throw new IllegalStateException("records are applied before the log is attached");
        }
        return log;
    }
}
