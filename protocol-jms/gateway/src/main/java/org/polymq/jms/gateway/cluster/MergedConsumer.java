/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.TagRange;

/**
 * A consumer that every group delivers to, such as one of a topic: what they send gets tags in the order in which it
 * goes to the client. What the client does not take yet waits here, at most a small window for each group. Confined to
 * the client's event loop.
 */
final class MergedConsumer implements GatewayConsumer {
    /** What clients count for a message besides its body, in bytes. */
    private static final int OVERHEAD = 128;

    private final GatewaySession session;
    private final OpenConsumer open;
    private final List<GroupPart> parts = new ArrayList<>();
    /** Came, and does not fit the client's window. */
    private final Deque<Waiting> held = new ArrayDeque<>();
    /** Sent to the client, which was not handed it as far as is known. */
    private final Deque<Sent> unhanded = new ArrayDeque<>();
    /** Sent and not settled, by the client's tag. */
    private final NavigableMap<Long, Sent> unsettled = new TreeMap<>();

    private long lastTag;
    private long handed;
    private int window;
    private int windowBytes;
    private long unhandedBytes;
    private boolean recovering;
    private boolean closed;
    /** The group whose large body goes to the client now: nothing may come between its pieces and its message. */
    private @Nullable GroupPart streaming;

    private record Sent(long tag, GroupPart part, long partTag, int size, long rough) {}

    private record Waiting(GroupPart part, Deliver delivery, List<BodyPart> pieces) {}

    MergedConsumer(GatewaySession session, OpenConsumer open) {
        this.session = session;
        this.open = open;
        this.lastTag = open.after();
        this.handed = open.after();
    }

    @Override
    public int id() {
        return open.consumerId();
    }

    @Override
    public GatewaySession session() {
        return session;
    }

    @Override
    public boolean isBrowser() {
        return open.kind() == ConsumerKind.BROWSER;
    }

    // ---- opening and closing

    @Override
    public void open(Consumer<Frame> reply) {
        OpenConsumer each = new OpenConsumer(
                open.sessionId(),
                open.consumerId(),
                open.kind(),
                open.destination(),
                open.subscription(),
                open.selector(),
                open.noLocal(),
                0);
        int groups = session.groups();
        List<GroupPart> opened = new ArrayList<>();
        Answers answers = new Answers(groups, answer -> {
            if (answer instanceof Failed) {
                opened.forEach(part -> part.stream().request(new CloseConsumer(id(), List.of()), done -> {}));
            }
            reply.accept(answer);
        });
        for (int slot = 0; slot < groups; slot++) {
            GroupPart part = new GroupPart(id(), session.stream(slot));
            parts.add(part);
            part.stream().request(each, answer -> {
                if (answer instanceof Ok) {
                    opened.add(part);
                }
                answers.accept(answer);
            });
        }
    }

    @Override
    public void close(List<TagRange> seen, Consumer<Frame> reply) {
        RangesBySlot ranges = new RangesBySlot();
        seen.forEach(range -> translate(range, ranges));
        unsettled.keySet().removeIf(tag -> tag > handed && seen.stream().noneMatch(range -> range.contains(tag)));
        end();
        Answers answers = new Answers(parts.size(), reply);
        parts.forEach(part -> part.stream()
                .request(new CloseConsumer(id(), ranges.of(part.stream().slot())), answers));
    }

    private void end() {
        closed = true;
        held.clear();
        unhanded.clear();
    }

    @Override
    public boolean isDone() {
        return closed && unsettled.isEmpty();
    }

    /** One group closed its part: the consumer ends in all. */
    private void closedBy(GroupStream from, ConsumerClosed frame) {
        if (closed) {
            return;
        }
        end();
        session.connection().write(frame);
        parts.stream()
                .filter(part -> part.stream() != from)
                .forEach(part -> part.stream().request(new CloseConsumer(id(), List.of()), done -> {}));
    }

    // ---- deliveries

    private GroupPart part(GroupStream stream) {
        for (GroupPart part : parts) {
            if (part.stream() == stream) {
                return part;
            }
        }
        throw new IllegalStateException("consumer " + id() + " has no part in group " + stream.slot());
    }

    @Override
    public void arrived(GroupStream from, Frame frame) {
        GroupPart part = part(from);
        if (frame instanceof ConsumerClosed end) {
            closedBy(from, end);
        } else if (frame instanceof BodyPart piece) {
            piece(part, piece);
        } else if (frame instanceof Deliver delivery) {
            delivered(part, delivery);
        }
    }

    /** Nothing of it is remembered; but what the client has seen the begin of goes on to its end. */
    @Override
    public void voided(GroupStream from, Frame frame) {
        GroupPart part = part(from);
        if (frame instanceof ConsumerClosed || part == streaming) {
            arrived(from, frame);
        } else if (frame instanceof Deliver delivery) {
            part.dropped(delivery);
        }
    }

    private void piece(GroupPart part, BodyPart piece) {
        if (closed && streaming != part) {
            return;
        }
        if (streaming == null && held.isEmpty() && hasRoom()) {
            streaming = part;
            part.takeHeld().forEach(before -> stream(part, before));
        }
        if (streaming == part) {
            stream(part, piece);
        } else {
            part.hold(piece);
        }
    }

    private void stream(GroupPart part, BodyPart piece) {
        part.counts(piece);
        session.connection().write(new BodyPart(id(), lastTag + 1, piece.bytes()));
    }

    private void delivered(GroupPart part, Deliver delivery) {
        Waiting next = new Waiting(part, delivery, part.came(delivery));
        if (streaming == part) {
            streaming = null;
            forward(next, part.takeStreamed());
        } else if (!closed) {
            part.held(1, rough(delivery, next.pieces()));
            held.add(next);
        }
        drain();
        if (!recovering && !closed) {
            parts.forEach(each -> each.grantWhenHalfUsed(free()));
        }
    }

    private boolean hasRoom() {
        return !recovering && !closed && handed + window > lastTag && unhandedBytes < windowBytes;
    }

    /** Sends what waits, as far as the client's window allows. */
    private void drain() {
        while (streaming == null && !held.isEmpty() && hasRoom()) {
            Waiting next = held.remove();
            next.part().held(-1, -rough(next.delivery(), next.pieces()));
            long bytes = 0;
            for (BodyPart piece : next.pieces()) {
                bytes += piece.bytes().length;
                session.connection().write(new BodyPart(id(), lastTag + 1, piece.bytes()));
            }
            forward(next, bytes);
        }
    }

    private static long rough(Deliver delivery, List<BodyPart> pieces) {
        long bytes = delivery.message().roughSize();
        for (BodyPart piece : pieces) {
            bytes += piece.bytes().length;
        }
        return bytes;
    }

    private void forward(Waiting next, long pieces) {
        Deliver delivery = next.delivery();
        lastTag++;
        if (!recovering && !closed) {
            byte[] body = delivery.message().body();
            long size = OVERHEAD + (body == null ? 0 : body.length) + pieces;
            long rough = delivery.message().roughSize() + pieces;
            Sent sent = new Sent(lastTag, next.part(), delivery.tag(), (int) Math.min(size, Integer.MAX_VALUE), rough);
            unhanded.add(sent);
            unhandedBytes += sent.size();
            if (!isBrowser()) {
                unsettled.put(lastTag, sent);
            }
            next.part().sent(rough);
        }
        session.connection().write(new Deliver(id(), lastTag, delivery.count(), delivery.message()));
    }

    // ---- credit

    /** How many more messages fit the client's window. */
    private int free() {
        if (unhandedBytes >= windowBytes) {
            return 0;
        }
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, handed + window - lastTag));
    }

    @Override
    public void flow(Flow flow) {
        handed(flow.handed());
        window = flow.messages();
        windowBytes = flow.bytes();
        go();
    }

    private void go() {
        if (!recovering && !closed) {
            drain();
            parts.forEach(part -> part.grant(free()));
        }
    }

    private void handed(long tag) {
        for (Sent first = unhanded.peek(); first != null && first.tag() <= tag; first = unhanded.peek()) {
            unhanded.remove();
            unhandedBytes -= first.size();
            first.part().handed(first.partTag(), first.rough());
        }
        handed = Math.max(handed, Math.min(tag, lastTag));
    }

    @Override
    public void pull(Consumer<Frame> reply) {
        if (closed) {
            reply.accept(new Ok());
            return;
        }
        Answers answers = new Answers(parts.size(), reply);
        parts.forEach(part -> part.stream().request(new Pull(id()), answers));
    }

    // ---- settling

    @Override
    public boolean isOfBefore(TagRange range) {
        return range.first() <= open.after();
    }

    @Override
    public void translate(TagRange range, RangesBySlot into) {
        if (range.first() <= range.last()) {
            unsettled.subMap(range.first(), true, range.last(), true).values().forEach(sent -> {
                into.add(sent.part().stream().slot(), new TagRange(id(), sent.partTag(), sent.partTag()));
            });
        }
    }

    @Override
    public void settled(TagRange range) {
        if (range.first() > range.last()) {
            return;
        }
        unsettled.subMap(range.first(), true, range.last(), true).clear();
        if (range.first() <= handed + 1) {
            handed(range.last());
        }
    }

    // ---- recovery

    @Override
    public void beginRecovery() {
        recovering = true;
        held.clear();
        unhanded.clear();
        unsettled.clear();
        unhandedBytes = 0;
        handed = lastTag;
        parts.forEach(GroupPart::forget);
    }

    @Override
    public void endRecovery() {
        recovering = false;
        handed = lastTag;
        go();
    }
}
