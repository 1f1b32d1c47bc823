/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.wire.ReasonCode;

/**
 * Another server that MQTT 5 clients are sent to: MQTT 5, 4.11.
 *
 * @param atConnect what a CONNECT is refused with; null if it is not
 * @param atStop what connected clients are disconnected with when the broker stops; null for the usual reason
 * @param serverReference where they should go; empty if nobody is sent anywhere
 */
public record Redirect(
        @Nullable ReasonCode atConnect, @Nullable ReasonCode atStop, String serverReference) {
    /** Nobody is sent anywhere. */
    public static final Redirect NEVER = new Redirect(null, null, "");

    /** Whoever connects, until this broker says otherwise. */
    public static Redirect temporary(String serverReference) {
        return new Redirect(ReasonCode.USE_ANOTHER_SERVER, ReasonCode.USE_ANOTHER_SERVER, serverReference);
    }

    /** Whoever connects, for good. */
    public static Redirect permanent(String serverReference) {
        return new Redirect(ReasonCode.SERVER_MOVED, ReasonCode.SERVER_MOVED, serverReference);
    }

    /** Those that are connected when the broker stops. */
    public static Redirect atStop(String serverReference) {
        return new Redirect(null, ReasonCode.USE_ANOTHER_SERVER, serverReference);
    }
}
