/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.ScramExchange;
import org.polymq.mqtt.wire.Auth;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.ReasonCode;

/** The broker's side of one enhanced authentication: MQTT 5, 4.12. Confined to the connection's event loop. */
final class EnhancedAuthentication {
    /** The one method there is. */
    static final String METHOD = ScramExchange.MECHANISM;

    private final ScramExchange exchange;

    EnhancedAuthentication(ScramExchange exchange) {
        this.exchange = exchange;
    }

    /**
     * Takes the client's next data, answers the broker's.
     *
     * @throws BrokerException NOT_AUTHENTICATED
     */
    ByteBuffer step(@Nullable ByteBuffer data) {
        if (data == null) {
            throw new BrokerException(Reason.NOT_AUTHENTICATED, METHOD + " without authentication data");
        }
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        return ByteBuffer.wrap(exchange.step(bytes));
    }

    /** What the client may do, once it has proved who it is; null before. */
    @Nullable
    Access access() {
        return exchange.access();
    }

    /** Checks an AUTH that goes on with an exchange. MQTT 5, 4.12.0-3 and 4.12.0-5. */
    static void checkContinues(Auth auth) {
        if (auth.reason() != ReasonCode.CONTINUE_AUTHENTICATION || !METHOD.equals(auth.method())) {
            throw new PacketException(
                    ReasonCode.PROTOCOL_ERROR, "AUTH that does not go on with the authentication that has begun");
        }
    }
}
