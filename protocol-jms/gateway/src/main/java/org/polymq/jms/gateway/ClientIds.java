/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** Which connection has which client id: each id is had once at a time. Safe from any thread. */
final class ClientIds {
    private final Map<String, Object> owners = new ConcurrentHashMap<>();

    /**
     * Gives the id to its new owner.
     *
     * @throws BrokerException CLIENT_ID_IN_USE if another has it, INVALID_NAME if it is empty
     */
    void take(String clientId, Object owner) {
        if (clientId.isEmpty()) {
            throw new BrokerException(Reason.CLIENT_ID_IN_USE, "a client id cannot be empty");
        }
        if (owners.putIfAbsent(clientId, owner) != null) {
            throw new BrokerException(
                    Reason.CLIENT_ID_IN_USE, "client id '" + clientId + "' is in use by another connection");
        }
    }

    /** Free again for others when this returns, if this owner had it. */
    void release(String clientId, Object owner) {
        owners.remove(clientId, owner);
    }
}
