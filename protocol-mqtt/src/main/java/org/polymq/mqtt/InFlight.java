/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.jspecify.annotations.Nullable;

/** A QoS 1 or 2 message between its PUBLISH and its last acknowledgement. Confined to its connection's event loop. */
final class InFlight {
    /** Who sent the message and wants to know what becomes of it. */
    interface Source {
        /** PUBACK, or PUBREC with an error: the client is done with the message. */
        void acknowledged(InFlight message);

        /** PUBREC: the client has the message. {@code release} sends PUBREL; it may run later, on the event loop. */
        void received(InFlight message, Runnable release);

        /** PUBCOMP. */
        void completed(InFlight message);
    }

    final int packetId;
    final int qos;
    final Source source;
    /** What the source needs to know the message by. */
    @Nullable
    Object ticket;
    /** Whether PUBREC came: from now on only PUBREL is sent. */
    boolean received;

    InFlight(int packetId, int qos, Source source, @Nullable Object ticket) {
        this.packetId = packetId;
        this.qos = qos;
        this.source = source;
        this.ticket = ticket;
    }
}
