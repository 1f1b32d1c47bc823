/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import org.jspecify.annotations.Nullable;

/**
 * CONNACK. For 3.1 and 3.1.1 the reason is translated to their return codes and the properties are left out.
 *
 * @param properties what the server tells the client; null with a refusal
 * @param serverReference where the client should go instead (MQTT 5, 4.11); null if it should not
 */
public record ConnAck(
        boolean sessionPresent,
        ReasonCode reason,
        @Nullable ServerProperties properties,
        @Nullable String reasonString,
        @Nullable String serverReference)
        implements Packet {
    /** CONNACK that names no other server. */
    public ConnAck(
            boolean sessionPresent,
            ReasonCode reason,
            @Nullable ServerProperties properties,
            @Nullable String reasonString) {
        this(sessionPresent, reason, properties, reasonString, null);
    }

    /**
     * What the server says about itself and the session.
     *
     * @param sessionExpiry seconds, null if it is what the client asked for
     * @param assignedClientId null if the client brought one
     * @param responseInformation null if the client did not ask for it, or there is none
     * @param serverKeepAlive seconds, null if it is what the client asked for
     * @param authentication method and last data of an enhanced authentication; null without one
     */
    public record ServerProperties(
            @Nullable Long sessionExpiry,
            int receiveMaximum,
            int maximumPacketSize,
            @Nullable String assignedClientId,
            int topicAliasMaximum,
            @Nullable String responseInformation,
            @Nullable Integer serverKeepAlive,
            @Nullable Auth authentication) {}

    public static ConnAck refused(ReasonCode reason, @Nullable String reasonString) {
        return new ConnAck(false, reason, null, reasonString);
    }

    /** A refusal that names another server. */
    public static ConnAck redirected(ReasonCode reason, String serverReference) {
        return new ConnAck(false, reason, null, null, serverReference);
    }
}
