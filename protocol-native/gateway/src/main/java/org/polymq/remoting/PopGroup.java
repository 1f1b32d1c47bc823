/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.ConsumerOptions;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.PopSource.Lease;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.PopHeader;
import org.polymq.remoting.wire.header.Receipt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One group that consumes one topic by POP: members ask for messages, have them for a time, acknowledge them or not.
 * What is acknowledged is in the log; who has what is not: after a restart it is handed out again.
 *
 * <p>Confined to its lane, except {@link #submit}, {@link #acknowledge}, {@link #change}, {@link #inFlight} and
 * {@link #waitingCount}.
 */
final class PopGroup implements PopSource.Owner {
    private static final Logger log = LoggerFactory.getLogger(PopGroup.class);
    private static final int MOST_WAITING = 10_000;
    private static final long MOST_BYTES = 4 << 20;
    private static final long TICK_MILLIS = 100;
    /** The shortest wait for a first message: subscriptions answer on this lane, but not within the call. */
    private static final long LEAST_WAIT_MILLIS = 20;
    /** Clients give up a request after a while: an answer has to come before. */
    private static final long MOST_WAIT_MILLIS = 60_000;

    private final PopContext context;
    private final String group;
    private final int topicId;
    private final boolean ofQueue;
    private final EventExecutor executor;
    private final Lane lane;
    private final Runnable gone;
    private final List<PopSource> sources = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private volatile NativeFilter filter = NativeFilter.ALL;
    private volatile int inFlight;
    private volatile int waitingCount;
    private volatile long usedAt;
    private boolean order;
    private int opening;
    private boolean closed;
    private int turn;
    private long lastPopTime;
    private @Nullable Future<?> tick;

    /** {@code gone} is run once, when the group is closed. */
    PopGroup(PopContext context, String group, Topic topic, EventExecutor executor, Runnable gone) {
        this.context = context;
        this.group = group;
        this.topicId = topic.id();
        this.ofQueue = PopGroups.isQueueGroup(group);
        this.executor = executor;
        this.lane = Lanes.of(executor);
        this.gone = gone;
        this.usedAt = context.now();
    }

    /** A member's question; {@code peek} only wants to know whether there is something. */
    record Question(
            RemotingCommand request, PopHeader header, NativeFilter filter, boolean peek, NativeConnection from) {
        boolean wants(PopSource source) {
            return header.queueId() < 0 || source.queueId() < 0 || source.queueId() == header.queueId();
        }

        int reviveQueue() {
            return header.order() ? Receipt.ORDERLY : 0;
        }
    }

    private static final class Waiting {
        final Question question;

        @Nullable
        Future<?> timeout;

        Waiting(Question question) {
            this.question = question;
        }
    }

    // ---- what members ask

    /** Any thread. {@code again} takes the question if this group has just been closed. */
    void submit(Question question, Runnable again) {
        usedAt = context.now();
        executor.execute(() -> {
            if (closed) {
                again.run();
            } else {
                take(question);
            }
        });
    }

    private void take(Question question) {
        if (!question.peek()) {
            filter = question.filter();
            order = question.header().order();
        }
        if (waiting.size() >= MOST_WAITING) {
            none(question, ResponseCode.POLLING_FULL, "POLLING_FULL");
            return;
        }
        Waiting asked = new Waiting(question);
        waiting.add(asked);
        try {
            openSources(question.header().initMode());
        } catch (BrokerException refused) {
            fail(refused);
            return;
        }
        serve();
        if (waiting.contains(asked)) {
            long millis = Math.max(LEAST_WAIT_MILLIS, Math.min(question.header().pollTime(), MOST_WAIT_MILLIS));
            asked.timeout = executor.schedule(() -> timedOut(asked), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void timedOut(Waiting asked) {
        if (waiting.remove(asked)) {
            none(asked.question, ResponseCode.POLLING_TIMEOUT, "NO_MESSAGE_IN_QUEUE");
            waitingCount = waiting.size();
        }
    }

    private void none(Question question, int code, String remark) {
        RemotingCommand request = question.request();
        RemotingCommand answer = question.peek()
                ? PopHandlers.notified(request, false, code == ResponseCode.POLLING_FULL)
                : PopAnswer.none(
                        request,
                        code,
                        remark,
                        new PopAnswer.Head(
                                context.now(), question.header().invisibleTime(), question.reviveQueue(), 0));
        question.from().execute(() -> question.from().answer(request, answer));
    }

    // ---- opening

    private Topic topic() {
        Topic topic = context.broker().topics().get(topicId);
        if (topic == null) {
            throw new BrokerException(Reason.TOPIC_NOT_FOUND, "the topic was deleted, apply first please!");
        }
        return topic;
    }

    private void openSources(int initMode) {
        Topic topic = topic();
        if (ofQueue) {
            if (sources.isEmpty()) {
                attach(SubscriptionKey.queue(topic.name()), add(-1, true));
            }
            return;
        }
        for (int queue = sources.size(); queue < topic.readQueues(); queue++) {
            open(topic, queue, add(queue, false), initMode);
        }
    }

    private PopSource add(int queue, boolean shared) {
        PopSource source = new PopSource(this, queue, shared);
        sources.add(source);
        return source;
    }

    private void open(Topic topic, int queue, PopSource source, int initMode) {
        SubscriptionKey key = SubscriptionKey.pop(group, topic.name(), queue);
        long number = topic.queueKey(queue);
        long start = context.broker().queues().start(number);
        long end = context.broker().queues().end(number);
        long floor = context.broker().subscriptions().floor(key, number);
        long committed = context.broker().groups().offset(group, number);
        // What is committed follows what is acknowledged, and may have been lost at a crash.
        long known = Math.max(committed, floor);
        long from = known >= 0 ? known : initMode == 0 ? start : end;
        from = Math.max(start, Math.min(from, end));
        if (floor == from) {
            attach(key, source);
            return;
        }
        opening++;
        context.broker()
                .subscriptions()
                .open(
                        key,
                        number,
                        from,
                        lane,
                        Reply.of(
                                opened -> {
                                    opening--;
                                    if (!closed) {
                                        attachOrFail(key, source);
                                    }
                                },
                                refused -> {
                                    opening--;
                                    fail(refused);
                                }));
    }

    private void attachOrFail(SubscriptionKey key, PopSource source) {
        try {
            attach(key, source);
        } catch (BrokerException refused) {
            fail(refused);
        }
    }

    private void attach(SubscriptionKey key, PopSource source) {
        source.attached(context.broker()
                .subscriptions()
                .attach(key, ConsumerOptions.shared(lane).only(ofQueue ? null : this::wanted), source));
    }

    /** What nobody of the group wants counts as done. Any thread. */
    private boolean wanted(StoredMessage message) {
        return filter.wants(message) && context.isDeliverable(message);
    }

    private void fail(BrokerException cause) {
        List<Waiting> failing = List.copyOf(waiting);
        close();
        for (Waiting each : failing) {
            NativeConnection from = each.question.from();
            from.execute(() -> from.refuse(each.question.request(), cause));
        }
    }

    // ---- handing out

    @Override
    public void changed() {
        if (!closed) {
            serve();
        }
    }

    private void serve() {
        Iterator<Waiting> each = waiting.iterator();
        while (each.hasNext()) {
            Waiting asked = each.next();
            if (!asked.question.from().channel().isActive() || served(asked.question)) {
                each.remove();
                Future<?> timeout = asked.timeout;
                if (timeout != null) {
                    timeout.cancel(false);
                }
            }
        }
        waitingCount = waiting.size();
        if (ofQueue && !sources.isEmpty() && opening == 0) {
            int wanted = 0;
            for (Waiting asked : waiting) {
                wanted += asked.question.header().maxMsgNums();
            }
            if (wanted == 0) {
                sources.get(0).giveBackReady();
            } else {
                sources.get(0).want(wanted);
            }
        }
    }

    private boolean served(Question question) {
        if (question.peek()) {
            boolean any = sources.stream()
                    .anyMatch(source -> question.wants(source)
                            && source.hasReady()
                            && !(question.header().order() && source.leaseCount() > 0));
            if (any) {
                RemotingCommand answer = PopHandlers.notified(question.request(), true, false);
                question.from().execute(() -> question.from().answer(question.request(), answer));
            }
            return any;
        }
        PopHeader header = question.header();
        long now = context.now();
        long popTime = Math.max(now, lastPopTime + 1);
        List<PopAnswer.Item> items = new ArrayList<>();
        long bytes = 0;
        int count = sources.size();
        for (int i = 0; i < count && items.size() < header.maxMsgNums() && bytes < MOST_BYTES; i++) {
            PopSource source = sources.get((turn + i) % count);
            if (question.wants(source)) {
                for (Delivery delivery : source.take(
                        header.maxMsgNums() - items.size(),
                        header.order(),
                        header.attemptId(),
                        popTime,
                        now + header.invisibleTime())) {
                    bytes += delivery.size();
                    add(items, delivery);
                }
            }
        }
        if (items.isEmpty()) {
            return false;
        }
        turn++;
        lastPopTime = popTime;
        leasesChanged();
        ByteBuf frame = PopAnswer.found(
                question.request(),
                new PopAnswer.Head(popTime, header.invisibleTime(), question.reviveQueue(), rest(question)),
                header.order(),
                items,
                question.from());
        question.from().execute(() -> question.from().send(frame));
        return true;
    }

    private static void add(List<PopAnswer.Item> items, Delivery delivery) {
        try {
            int queueId = (int) (delivery.queue() & 0xFFFF);
            items.add(new PopAnswer.Item(queueId, delivery, delivery.message()));
        } catch (BrokerException unreadable) {
            // Nobody can be given it: its time runs out again and again, until it is given up as a dead letter.
            log.error("a message at log position {} is lost: {}", delivery.position(), unreadable.getMessage());
        }
    }

    private long rest(Question question) {
        long rest = 0;
        Topic topic = context.broker().topics().get(topicId);
        for (PopSource source : sources) {
            if (topic != null && question.wants(source)) {
                long end = context.broker().queues().end(topic.queueKey(Math.max(0, source.queueId())));
                rest += source.readyCount() + Math.max(0, end - source.lastOffset() - 1);
            }
        }
        return rest;
    }

    @Override
    public boolean accepts(PopSource source, Delivery delivery) {
        if (closed || ofQueue || delivery.deliveryCount() <= context.mostDeliveries(group)) {
            return true;
        }
        context.deadLetter(group, delivery, source.engine(), lane);
        return false;
    }

    @Override
    public void ended() {
        fail(new BrokerException(Reason.UNAVAILABLE, "the group's position was changed: ask again"));
    }

    // ---- what members say of messages

    /** Any thread: a message is done; {@code done} is told on the lane whether the receipt was good. */
    void acknowledge(int queueId, long offset, Receipt receipt, Reply<Boolean> done) {
        usedAt = context.now();
        executor.execute(() -> {
            long number = Topic.queueKey(topicId, queueId);
            PopSource source = sourceOf(queueId);
            Lease lease = source == null ? null : source.end(number, offset, receipt.popTime());
            if (source == null || lease == null) {
                done.ok(false);
                return;
            }
            PopSource from = source;
            source.accept(
                    lease,
                    Reply.of(
                            stored -> {
                                leasesChanged();
                                committed(from, number);
                                done.ok(true);
                                if (order) {
                                    changed();
                                }
                            },
                            refused -> {
                                from.put(lease);
                                done.failed(refused);
                            }));
        });
    }

    /** The group's offset follows, for whoever asks for it and for a change to pulling. */
    private void committed(PopSource source, long number) {
        Topic topic = context.broker().topics().get(topicId);
        if (!closed && !ofQueue && topic != null) {
            long floor = context.broker()
                    .subscriptions()
                    .floor(SubscriptionKey.pop(group, topic.name(), source.queueId()), number);
            if (floor >= 0) {
                context.broker().groups().commit(group, number, floor);
            }
        }
    }

    /**
     * Any thread: a message is to stay hidden for another time; told the new pop time, or -1 for a receipt that is
     * over.
     */
    void change(int queueId, long offset, Receipt receipt, long invisibleTime, Reply<Long> done) {
        usedAt = context.now();
        executor.execute(() -> {
            PopSource source = sourceOf(queueId);
            Lease lease =
                    source == null ? null : source.end(Topic.queueKey(topicId, queueId), offset, receipt.popTime());
            if (source == null || lease == null) {
                done.ok(-1L);
                return;
            }
            long now = context.now();
            lastPopTime = Math.max(now, lastPopTime + 1);
            source.put(new Lease(lease.delivery(), lastPopTime, now + invisibleTime, lease.attempt()));
            done.ok(lastPopTime);
            if (invisibleTime <= 0) {
                expire();
            }
        });
    }

    private @Nullable PopSource sourceOf(int queueId) {
        for (PopSource source : sources) {
            if (source.queueId() < 0 || source.queueId() == queueId) {
                return source;
            }
        }
        return null;
    }

    // ---- time

    private void leasesChanged() {
        int count = 0;
        for (PopSource source : sources) {
            count += source.leaseCount();
        }
        inFlight = count;
        if (count > 0 && tick == null && !closed) {
            tick = executor.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        tick = null;
        expire();
        leasesChanged();
    }

    private void expire() {
        long now = context.now();
        boolean any = false;
        for (PopSource source : sources) {
            any |= source.expire(now, order);
        }
        if (any) {
            leasesChanged();
            serve();
        }
    }

    /** How many messages members have. Any thread. */
    int inFlight() {
        return inFlight;
    }

    /** How many members wait for messages. Any thread. */
    int waitingCount() {
        return waitingCount;
    }

    /** Closes the group if nobody used it since a time (ms since the epoch) and nothing is in flight. Any thread. */
    void closeIfUnusedSince(long time) {
        if (usedAt < time && inFlight == 0) {
            executor.execute(() -> {
                if (waiting.isEmpty() && opening == 0 && usedAt < time && inFlight == 0) {
                    close();
                }
            });
        }
    }

    /** Ends it: what members have is forgotten, and handed out again. Any thread. */
    void end(String why) {
        executor.execute(() -> fail(new BrokerException(Reason.UNAVAILABLE, why)));
    }

    /** Ends it, and then changes where the group goes on. Any thread. */
    void reset(Runnable change) {
        executor.execute(() -> {
            fail(new BrokerException(Reason.UNAVAILABLE, "the group's position was changed: ask again"));
            change.run();
        });
    }

    private void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (Waiting each : waiting) {
            Future<?> timeout = each.timeout;
            if (timeout != null) {
                timeout.cancel(false);
            }
        }
        waiting.clear();
        waitingCount = 0;
        inFlight = 0;
        Future<?> planned = tick;
        if (planned != null) {
            planned.cancel(false);
        }
        sources.forEach(PopSource::close);
        gone.run();
    }

    @Override
    public String toString() {
        return "POP of " + group + Objects.toString(context.broker().topics().get(topicId), "");
    }
}
