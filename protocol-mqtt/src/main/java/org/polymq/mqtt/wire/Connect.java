/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CONNECT. Values a client did not send hold the specification's defaults.
 *
 * @param clientId empty if the client asks for one
 * @param keepAlive seconds, 0 for none
 * @param sessionExpiry seconds; 0xFFFFFFFF for ever; null if not sent
 * @param receiveMaximum how many QoS 1 and 2 messages the client takes at once, 1 to 65535
 * @param maximumPacketSize bytes; {@link Integer#MAX_VALUE} for no limit
 * @param topicAliasMaximum 0 to 65535
 * @param assigned whether a gateway has chosen the client id for a client that brought none
 */
public record Connect(
        MqttVersion version,
        String clientId,
        boolean cleanStart,
        int keepAlive,
        @Nullable Will will,
        @Nullable String userName,
        @Nullable ByteBuffer password,
        @Nullable Long sessionExpiry,
        int receiveMaximum,
        int maximumPacketSize,
        int topicAliasMaximum,
        boolean requestResponseInformation,
        boolean requestProblemInformation,
        @Nullable String authenticationMethod,
        @Nullable ByteBuffer authenticationData,
        List<UserProperty> userProperties,
        boolean assigned)
        implements Packet {
    public Connect {
        userProperties = List.copyOf(userProperties);
    }

    /** The same with a client id that was chosen for the client. */
    public Connect withAssignedId(String id) {
        return new Connect(
                version,
                id,
                cleanStart,
                keepAlive,
                will,
                userName,
                password,
                sessionExpiry,
                receiveMaximum,
                maximumPacketSize,
                topicAliasMaximum,
                requestResponseInformation,
                requestProblemInformation,
                authenticationMethod,
                authenticationData,
                userProperties,
                true);
    }

    /**
     * As a gateway sends it, which uses the client's topic aliases itself.
     *
     * @param vouched whether the gateway answers for the client: then without a will and what proves the client
     */
    public Connect fromGateway(boolean vouched) {
        return new Connect(
                version,
                clientId,
                cleanStart,
                keepAlive,
                vouched ? null : will,
                vouched ? null : userName,
                vouched ? null : password,
                sessionExpiry,
                receiveMaximum,
                maximumPacketSize,
                0,
                requestResponseInformation,
                requestProblemInformation,
                vouched ? null : authenticationMethod,
                vouched ? null : authenticationData,
                userProperties,
                assigned);
    }

    /** The password never shows in a log. */
    @Override
    public String toString() {
        return "Connect[" + version + ", clientId=" + clientId + ", cleanStart=" + cleanStart + ", keepAlive="
                + keepAlive + "]";
    }
}
