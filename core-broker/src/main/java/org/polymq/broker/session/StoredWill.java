/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.nio.ByteBuffer;

/**
 * What is to be published when a client is gone, as the log knows it.
 *
 * @param id tells it from an earlier will of the same client
 * @param owner the user that it is published for; empty if it was left while security was off
 * @param delaySeconds how long after the connection's end it is published, unless the client is back before
 * @param dueAt when it is to be published, ms since the epoch; 0 while its connection lives or nobody knows
 * @param message opaque here; read-only by agreement
 */
public record StoredWill(String clientId, long id, String owner, long delaySeconds, long dueAt, ByteBuffer message) {
    StoredWill dueAt(long at) {
        return new StoredWill(clientId, id, owner, delaySeconds, at, message);
    }
}
