/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.List;
import java.util.function.Consumer;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.TagRange;

/** A consumer of a client, which one group or all of them deliver to. Confined to the client's event loop. */
sealed interface GatewayConsumer permits WholeConsumer, MergedConsumer {
    int id();

    GatewaySession session();

    /** Whether it only looks: it has nothing to settle, and a recovery leaves it alone. */
    boolean isBrowser();

    /** Opens it where it consumes from. */
    void open(Consumer<Frame> reply);

    /** What the client allows to be sent. */
    void flow(Flow flow);

    /** Has everything there is sent before the answer. */
    void pull(Consumer<Frame> reply);

    /** Takes what a group sends: a delivery, a piece of one, or that it has closed the consumer. */
    void arrived(GroupStream from, Frame frame);

    /** The same for what was sent before a recovery that the group has answered by now. */
    void voided(GroupStream from, Frame frame);

    /** Ends deliveries; what the application was handed may still be settled. */
    void close(List<TagRange> handed, Consumer<Frame> reply);

    /** Whether it is closed and has nothing to settle. */
    boolean isDone();

    // ---- tags

    /** Whether a range names deliveries of an earlier connection. */
    boolean isOfBefore(TagRange range);

    /** Adds what the groups know a range of the client's tags as. */
    void translate(TagRange range, RangesBySlot into);

    /** The groups have settled a range. */
    void settled(TagRange range);

    // ---- recovery

    /** Everything that is not settled goes back. */
    void beginRecovery();

    /** The client knows that it is done. */
    void endRecovery();
}
