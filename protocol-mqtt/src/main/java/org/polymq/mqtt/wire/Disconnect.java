/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import org.jspecify.annotations.Nullable;

/**
 * DISCONNECT, from either side.
 *
 * @param sessionExpiry seconds, as a client may change them at the end; null if not sent
 */
public record Disconnect(
        ReasonCode reason,
        @Nullable Long sessionExpiry,
        @Nullable String reasonString) implements Packet {
    public static Disconnect of(ReasonCode reason, @Nullable String reasonString) {
        return new Disconnect(reason, null, reasonString);
    }
}
