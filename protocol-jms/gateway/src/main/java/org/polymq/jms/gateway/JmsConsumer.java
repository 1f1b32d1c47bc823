/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.Delivery;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.TagRange;
import org.polymq.jms.wire.WireDestination.Kind;
import org.polymq.jms.wire.WireError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer of a connection: numbers its deliveries and turns the client's window into the core's credit. Confined
 * to its connection's event loop.
 */
final class JmsConsumer implements Consumer.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(JmsConsumer.class);

    /** How many messages are granted at a time where the core does not count bytes. */
    private static final int UNSIZED_GRANT = 16;

    private final int id;
    private final JmsSession session;
    private final Kind destination;
    private final boolean browser;
    private final ClientFollowing following;
    /** What it consumes from, for those who follow. */
    private final String through;
    /** Whether the core keeps to the bytes it is granted; a transient subscription counts messages only. */
    private final boolean sized;

    private @Nullable Consumer core;
    /** Sent and not settled, by tag. */
    private final NavigableMap<Long, Delivery> unsettled = new TreeMap<>();
    /** Sizes of the deliveries after {@link #handed}, in order. */
    private final Deque<Integer> unseenSizes = new ArrayDeque<>();

    private final long first;
    private long lastTag;
    private long handed;
    private long unseenBytes;
    private int window;
    private int windowBytes;
    /** What the core was granted and has not used. */
    private long messageCredit;

    private long byteCredit;
    private boolean stopped;
    private @Nullable Runnable left;
    private Runnable permission = () -> {};

    JmsConsumer(OpenConsumer open, JmsSession session, ClientFollowing following) {
        this.following = following;
        String subscription = open.subscription();
        this.through = subscription == null ? open.destination().name() : subscription;
        this.id = open.consumerId();
        this.session = session;
        this.destination = open.destination().kind();
        this.lastTag = open.after();
        this.handed = open.after();
        this.first = open.after() + 1;
        this.browser = open.kind() == ConsumerKind.BROWSER;
        this.sized = open.kind() != ConsumerKind.TOPIC || destination == Kind.TEMPORARY_TOPIC;
    }

    int id() {
        return id;
    }

    /** Whether it only looks: it has nothing to settle, and a recovery leaves it alone. */
    boolean isBrowser() {
        return browser;
    }

    /** What throws when the user may not consume this. */
    void permittedBy(Runnable check) {
        permission = check;
    }

    void checkPermitted() {
        permission.run();
    }

    /** The user may not consume this any more: deliveries end. */
    void revoked(String why) {
        if (core != null && !stopped && !session.isClosed()) {
            quiet();
            stop(List.of());
            closed(WireError.SECURITY, why);
        }
    }

    /** To be run once when the consumer leaves the core. */
    void whenLeft(Runnable task) {
        left = task;
    }

    private void left() {
        if (left != null) {
            left.run();
            left = null;
        }
    }

    JmsSession session() {
        return session;
    }

    /** Gives it the core's consumer it speaks for, once. */
    void attached(Consumer consumer) {
        core = consumer;
    }

    boolean isAttached() {
        return core != null;
    }

    private Consumer core() {
        if (core == null) {
            throw new IllegalStateException("consumer " + id + " is not attached");
        }
        return core;
    }

    // ---- deliveries

    @Override
    public void delivered(List<Delivery> batch) {
        if (session.isClosed()) {
            return; // They went back with everything else when the session closed.
        }
        if (stopped) {
            core().release(batch, false);
            return;
        }
        session.connection().expect(roughSize(batch));
        for (Delivery delivery : batch) {
            int size = sized ? delivery.size() : sizeOf(delivery);
            lastTag++;
            messageCredit--;
            byteCredit -= size;
            unseenSizes.add(size);
            unseenBytes += size;
            unsettled.put(lastTag, delivery);
            if (!session.isRecovering()) {
                send(delivery);
            }
        }
        session.connection().flush();
        if (!sized && messageCredit == 0 && !session.isRecovering()) {
            grant();
        }
    }

    private static long roughSize(List<Delivery> batch) {
        long size = 0;
        for (Delivery delivery : batch) {
            size += 64L + delivery.size();
        }
        return size;
    }

    private static int sizeOf(Delivery delivery) {
        try {
            return delivery.message().wholeSize();
        } catch (BrokerException e) {
            return 0; // It cannot be read; sending it will say so.
        }
    }

    private void send(Delivery delivery) {
        Deliver frame;
        StoredMessage stored;
        try {
            stored = delivery.message();
            frame = new Deliver(
                    id,
                    lastTag,
                    delivery.deliveryCount(),
                    MessageTranslator.toWire(
                            stored.isChunked() ? stored.toHeaders() : stored.toMessage(), destination));
        } catch (BrokerException e) {
            // It stays in flight with this session; an operator has to look at it.
            LOG.error("the message at {} cannot be delivered to a JMS consumer", delivery.position(), e);
            return;
        }
        following.delivered(delivery, through);
        if (stored.isChunked()) {
            session.connection().write(frame, stored.bodyReader());
        } else {
            session.connection().write(0, frame);
        }
    }

    @Override
    public void ended() {
        if (!session.isClosed() && !stopped) {
            stopped = true;
            closed(WireError.INVALID_DESTINATION, "the destination or subscription was deleted");
        }
    }

    private void closed(WireError error, String why) {
        session.connection().write(0, new ConsumerClosed(id, error, why));
        session.connection().flush();
    }

    // ---- credit

    /** The client's window; see {@link org.polymq.jms.wire.Frame.Flow}. */
    void flow(long handedTag, int messages, int bytes) {
        handed(handedTag);
        window = messages;
        windowBytes = bytes;
        if (!session.isRecovering() && !stopped) {
            grant();
        }
    }

    private void grant() {
        long messages = handed + window - lastTag;
        long bytes = windowBytes - unseenBytes;
        if (!sized) {
            messages = bytes > 0 ? Math.min(messages, UNSIZED_GRANT) : Math.min(messages, 0);
        }
        int moreMessages = (int) (messages - messageCredit);
        long moreBytes = bytes - byteCredit;
        messageCredit = messages;
        byteCredit = bytes;
        if (moreMessages != 0 || moreBytes != 0) {
            core().credit(moreMessages, moreBytes);
        }
    }

    /** Learns that the application was handed everything up to this tag. */
    private void handed(long tag) {
        while (handed < tag && !unseenSizes.isEmpty()) {
            unseenBytes -= unseenSizes.remove();
            handed++;
        }
        if (browser) {
            unsettled.headMap(handed, true).clear();
        }
    }

    /** Takes the credit back. What the core had handed out before arrives here before a {@link #poll} after this. */
    void quiet() {
        if (messageCredit > 0) {
            int taken = (int) messageCredit;
            messageCredit = 0;
            core().credit(-taken, 0);
        }
    }

    /** After {@link #giveBack}: the window is empty and may be filled again. */
    void resume() {
        handed(lastTag);
        if (!stopped) {
            grant();
        }
    }

    void poll(Runnable done) {
        if (stopped) {
            done.run();
        } else {
            core().poll(done);
        }
    }

    // ---- settling

    /** Whether a range names deliveries of an earlier connection, which went back when that broke. */
    boolean isOfBefore(TagRange range) {
        return range.first() < first;
    }

    /** The unsettled deliveries of a range; they stay unsettled. */
    List<Delivery> unsettled(TagRange range) {
        if (range.first() > range.last()) {
            return List.of();
        }
        return new ArrayList<>(
                unsettled.subMap(range.first(), true, range.last(), true).values());
    }

    /** The log has it that the application is done with these. */
    void acknowledged(Collection<Delivery> deliveries) {
        following.acknowledged(deliveries, through);
    }

    Consumer consumer() {
        return core();
    }

    /**
     * Like {@link #settled(TagRange)}; answers what it was, by tag, so that it can be {@linkplain #putBack put back}.
     */
    Map<Long, Delivery> take(TagRange range) {
        if (range.first() > range.last()) {
            return Map.of();
        }
        Map<Long, Delivery> taken = new TreeMap<>(unsettled.subMap(range.first(), true, range.last(), true));
        settled(range);
        return taken;
    }

    /** The log did not take their settlement: they are unsettled again. */
    void putBack(Map<Long, Delivery> taken) {
        unsettled.putAll(taken);
    }

    /** They are settled: the application was handed them. */
    void settled(TagRange range) {
        unsettled.subMap(range.first(), true, range.last(), true).clear();
        if (range.first() <= handed + 1) {
            handed(Math.min(range.last(), lastTag));
        }
    }

    boolean isDone() {
        return stopped && unsettled.isEmpty();
    }

    // ---- ends

    /** Returns all unsettled deliveries to their places, counted if the application was handed them. */
    void giveBack(List<TagRange> seen) {
        List<Delivery> counted = new ArrayList<>();
        List<Delivery> uncounted = new ArrayList<>();
        unsettled.forEach((tag, delivery) -> (isHanded(tag, seen) ? counted : uncounted).add(delivery));
        unsettled.clear();
        following.returned(counted, through);
        core().release(counted, true);
        core().release(uncounted, false);
    }

    private boolean isHanded(long tag, List<TagRange> seen) {
        if (tag <= handed) {
            return true;
        }
        for (TagRange range : seen) {
            if (range.consumerId() == id && range.contains(tag)) {
                return true;
            }
        }
        return false;
    }

    /** Ends deliveries; after {@link #quiet}. Those the application was not handed go back. */
    void stop(List<TagRange> seen) {
        if (!stopped) {
            stopped = true;
            List<Delivery> unseen = new ArrayList<>();
            unsettled.entrySet().removeIf(entry -> {
                boolean goes = !isHanded(entry.getKey(), seen);
                if (goes) {
                    unseen.add(entry.getValue());
                }
                return goes;
            });
            core().stop(unseen);
            left();
        }
    }

    /** Returns everything and leaves. */
    void close(List<TagRange> seen) {
        giveBack(seen);
        core().close(false);
        left();
    }
}
