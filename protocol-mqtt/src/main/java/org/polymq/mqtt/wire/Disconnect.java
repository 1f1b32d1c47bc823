/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import org.jspecify.annotations.Nullable;

/**
 * DISCONNECT, from either side.
 *
 * @param sessionExpiry seconds, as a client may change them at the end; null if not sent
 * @param serverReference where the client should go instead (MQTT 5, 4.11); null if it should not
 */
public record Disconnect(
        ReasonCode reason,
        @Nullable Long sessionExpiry,
        @Nullable String reasonString,
        @Nullable String serverReference)
        implements Packet {
    /** DISCONNECT that names no other server. */
    public Disconnect(ReasonCode reason, @Nullable Long sessionExpiry, @Nullable String reasonString) {
        this(reason, sessionExpiry, reasonString, null);
    }

    public static Disconnect of(ReasonCode reason, @Nullable String reasonString) {
        return new Disconnect(reason, null, reasonString);
    }

    /** Sends the client to another server. */
    public static Disconnect redirected(ReasonCode reason, String serverReference) {
        return new Disconnect(reason, null, null, serverReference);
    }
}
