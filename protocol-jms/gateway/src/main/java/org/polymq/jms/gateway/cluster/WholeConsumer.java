/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.List;
import java.util.function.Consumer;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.TagRange;

/**
 * A consumer of what is in one group: a queue, or a temporary destination. The group's tags are the client's. Confined
 * to the client's event loop.
 */
final class WholeConsumer implements GatewayConsumer {
    private final GatewaySession session;
    private final OpenConsumer open;
    private final int slot;
    private boolean closed;
    /** Of a closed one: deliveries that the application holds. */
    private long unsettled;

    WholeConsumer(GatewaySession session, OpenConsumer open, int slot) {
        this.session = session;
        this.open = open;
        this.slot = slot;
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

    private GroupStream stream() {
        return session.stream(slot);
    }

    @Override
    public void open(Consumer<Frame> reply) {
        stream().request(open, reply);
    }

    @Override
    public void flow(Flow flow) {
        stream().tell(flow);
    }

    @Override
    public void pull(Consumer<Frame> reply) {
        stream().request(new Pull(id()), reply);
    }

    @Override
    public void arrived(GroupStream from, Frame frame) {
        session.connection().write(frame);
    }

    @Override
    public void voided(GroupStream from, Frame frame) {
        session.connection().write(frame); // The client drops it as it does without a gateway.
    }

    @Override
    public void close(List<TagRange> handed, Consumer<Frame> reply) {
        closed = true;
        handed.forEach(range -> unsettled += range.last() - range.first() + 1);
        stream().request(new CloseConsumer(id(), handed), reply);
    }

    @Override
    public boolean isDone() {
        return closed && unsettled <= 0;
    }

    @Override
    public boolean isOfBefore(TagRange range) {
        return range.first() <= open.after();
    }

    @Override
    public void translate(TagRange range, RangesBySlot into) {
        into.add(slot, range);
    }

    @Override
    public void settled(TagRange range) {
        if (closed) {
            unsettled -= range.last() - range.first() + 1;
        }
    }

    @Override
    public void beginRecovery() {
        unsettled = 0;
    }

    @Override
    public void endRecovery() {
        // The group goes on with the window it was told last.
    }
}
