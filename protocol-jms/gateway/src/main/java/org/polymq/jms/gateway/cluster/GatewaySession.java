/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.OpenSession;
import org.polymq.jms.wire.Frame.Outcome;
import org.polymq.jms.wire.Frame.Recover;
import org.polymq.jms.wire.Frame.SessionMode;
import org.polymq.jms.wire.Frame.Settle;
import org.polymq.jms.wire.Frame.TagRange;

/** One session of a client: a session in each group that it uses. Confined to the client's event loop. */
final class GatewaySession {
    private final GatewayConnection connection;
    private final Streams streams;
    private final int id;
    private final SessionMode mode;
    private final Set<Integer> opened = new TreeSet<>();
    /** Those that deliver, and closed ones with deliveries that are not settled. */
    private final Map<Integer, GatewayConsumer> consumers = new LinkedHashMap<>();

    /** In a recovery: groups that have not answered, and what the others have sent since they did. */
    private final Set<Integer> unanswered = new HashSet<>();

    private final List<Arrival> early = new ArrayList<>();
    private boolean recovering;

    private record Arrival(GroupStream from, GatewayConsumer consumer, Frame frame) {}

    GatewaySession(GatewayConnection connection, Streams streams, OpenSession open) {
        this.connection = connection;
        this.streams = streams;
        this.id = open.sessionId();
        this.mode = open.mode();
    }

    int id() {
        return id;
    }

    GatewayConnection connection() {
        return connection;
    }

    int groups() {
        return streams.groups();
    }

    /** The stream to a group, in which the session is open. */
    GroupStream stream(int slot) {
        GroupStream stream = streams.get(slot);
        if (opened.add(slot)) {
            stream.request(new OpenSession(id, mode), answer -> {
                if (answer instanceof Failed failed) {
                    connection.fail("a group did not open session " + id + ": " + failed.message());
                }
            });
        }
        return stream;
    }

    void add(GatewayConsumer consumer) {
        consumers.put(consumer.id(), consumer);
    }

    void remove(GatewayConsumer consumer) {
        consumers.remove(consumer.id());
        connection.forget(consumer);
    }

    // ---- deliveries

    /** Takes what a group sends to one of its consumers. */
    void arrived(GroupStream from, GatewayConsumer consumer, Frame frame) {
        if (!recovering || consumer.isBrowser()) {
            consumer.arrived(from, frame);
        } else if (unanswered.contains(from.slot()) || frame instanceof ConsumerClosed) {
            consumer.voided(from, frame);
        } else {
            early.add(new Arrival(from, consumer, frame));
        }
    }

    // ---- settling

    /** The client's ranges as the groups know them; those of consumers that are gone mean nothing. */
    RangesBySlot translate(List<TagRange> ranges) {
        RangesBySlot translated = new RangesBySlot();
        for (TagRange range : ranges) {
            GatewayConsumer consumer = consumers.get(range.consumerId());
            if (consumer != null && !consumer.isOfBefore(range)) {
                consumer.translate(range, translated);
            }
        }
        return translated;
    }

    /** Whether some of the ranges name deliveries of an earlier connection, or of a consumer that is gone. */
    boolean isOfBefore(List<TagRange> ranges) {
        return ranges.stream().anyMatch(range -> {
            GatewayConsumer consumer = consumers.get(range.consumerId());
            return consumer == null || consumer.isOfBefore(range);
        });
    }

    /** The groups have settled them. */
    void settled(List<TagRange> ranges) {
        for (TagRange range : ranges) {
            GatewayConsumer consumer = consumers.get(range.consumerId());
            if (consumer != null) {
                consumer.settled(range);
                dropIfDone(consumer);
            }
        }
    }

    private void dropIfDone(GatewayConsumer consumer) {
        if (consumer.isDone()) {
            remove(consumer);
        }
    }

    /** Settles in each group what is its; {@code answered} is whether the client waits for it. */
    void settle(Settle settle, boolean answered, Consumer<Frame> reply) {
        RangesBySlot ranges = translate(settle.ranges());
        if (!answered) {
            ranges.slots().forEach(slot -> stream(slot).tell(part(settle.outcome(), ranges, slot)));
            settled(settle.ranges());
            return;
        }
        Answers answers = new Answers(ranges.slots().size(), answer -> {
            if (answer instanceof Ok) {
                settled(settle.ranges());
            }
            reply.accept(answer);
        });
        ranges.slots().forEach(slot -> stream(slot).request(part(settle.outcome(), ranges, slot), answers));
    }

    private Settle part(Outcome outcome, RangesBySlot ranges, int slot) {
        return new Settle(id, outcome, ranges.of(slot));
    }

    // ---- recovery and end

    /**
     * Returns everything that is not settled. What a group sends after its answer is new, but the client takes it so
     * only after the answer of all, so it waits for that.
     */
    void recover(List<TagRange> handed, Consumer<Frame> reply) {
        RangesBySlot ranges = translate(handed);
        List<GatewayConsumer> concerned = new ArrayList<>(consumers.values());
        concerned.removeIf(GatewayConsumer::isBrowser);
        concerned.forEach(GatewayConsumer::beginRecovery);
        recovering = true;
        unanswered.addAll(opened);
        Answers answers = new Answers(opened.size(), answer -> {
            recovering = false;
            reply.accept(answer);
            List.copyOf(consumers.values()).forEach(this::dropIfDone);
            concerned.forEach(GatewayConsumer::endRecovery);
            List<Arrival> since = List.copyOf(early);
            early.clear();
            since.forEach(each -> each.consumer().arrived(each.from(), each.frame()));
        });
        for (int slot : List.copyOf(opened)) {
            stream(slot).request(new Recover(id, ranges.of(slot)), answer -> {
                unanswered.remove(slot);
                answers.accept(answer);
            });
        }
    }

    void close(GatewayConsumer consumer, List<TagRange> handed, Consumer<Frame> reply) {
        consumer.close(handed, answer -> {
            dropIfDone(consumer);
            reply.accept(answer);
        });
    }

    /** Ends it in every group. */
    void close(List<TagRange> handed, Consumer<Frame> reply) {
        RangesBySlot ranges = translate(handed);
        consumers.values().forEach(connection::forget);
        consumers.clear();
        Answers answers = new Answers(opened.size(), reply);
        opened.forEach(slot -> streams.get(slot).request(new CloseSession(id, ranges.of(slot)), answers));
    }
}
