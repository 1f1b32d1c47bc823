/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** SUBACK: one reason per filter, in the order of the request. */
public record SubAck(
        int packetId, List<ReasonCode> reasons, @Nullable String reasonString) implements Packet {
    public SubAck {
        reasons = List.copyOf(reasons);
    }

    @Override
    public Packet withoutReasonString() {
        return reasonString == null ? this : new SubAck(packetId, reasons, null);
    }
}
