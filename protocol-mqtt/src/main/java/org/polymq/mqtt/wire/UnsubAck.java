/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** UNSUBACK: one reason per filter, in the order of the request; 3.1 and 3.1.1 carry none. */
public record UnsubAck(
        int packetId, List<ReasonCode> reasons, @Nullable String reasonString) implements Packet {
    public UnsubAck {
        reasons = List.copyOf(reasons);
    }

    @Override
    public Packet withoutReasonString() {
        return reasonString == null ? this : new UnsubAck(packetId, reasons, null);
    }
}
