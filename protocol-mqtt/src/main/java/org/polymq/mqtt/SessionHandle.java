/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.session.Sessions;
import org.polymq.mqtt.wire.Connect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection's hold on its session.
 *
 * @param durable null for a session that ends with the connection
 * @param sessionExpiry seconds that it outlives the connection, 0 to 0xFFFFFFFF
 */
record SessionHandle(
        Translation.Client client,
        Connect connect,
        Lane lane,
        Sessions sessions,
        @Nullable DurableSession durable,
        long sessionExpiry) {
    private static final Logger log = LoggerFactory.getLogger(SessionHandle.class);

    /** For ever. MQTT 5, 3.1.2.11.2. */
    private static final long NEVER = 0xFFFFFFFFL;

    String clientId() {
        return client.id();
    }

    /** What a client gets of the session expiry it asks for, in seconds. */
    static long limited(long asked, MqttConfig config) {
        long most = config.maxSessionExpiry().toSeconds();
        return most == 0 ? asked : Math.min(asked, most);
    }

    /** The session expiry of a CONNECT, in seconds. */
    static long expiryOf(Connect connect, MqttConfig config) {
        if (connect.version().isV5()) {
            Long asked = connect.sessionExpiry();
            return asked == null ? 0 : limited(asked, config);
        }
        return connect.cleanStart()
                ? 0
                : Math.min(NEVER, config.legacySessionExpiry().toSeconds());
    }

    /** Gives a persistent session back to the log. */
    void leave(long expirySeconds) {
        if (durable != null) {
            sessions.left(durable, expirySeconds, lane, Reply.of(done -> {}, this::notLeft));
        }
    }

    private void notLeft(BrokerException refused) {
        // Taken over by a newer connection, or the broker is closing: either way the log has the truth.
        log.debug("session of client {} was not left: {}", client.id(), refused.getMessage());
    }
}
