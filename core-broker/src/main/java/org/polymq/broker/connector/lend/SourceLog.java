/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import java.util.List;
import java.util.Map;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Stored;

/** Where what a source's task brings is stored, together with how far it is. Safe from any thread. */
public interface SourceLog {
    /**
     * Stores messages together with positions in one entry: after a crash both are there or neither is. Waits until
     * they are stored.
     *
     * @param positions by key; an empty value removes one
     * @return one for each message
     * @throws org.polymq.broker.BrokerException NO_PERMISSION, or why they were not stored: {@code reason().caller()}
     *     says whether to try again
     */
    List<Stored> store(List<Message> messages, Map<String, String> positions) throws InterruptedException;

    /** How far the source is. */
    Map<String, String> positions();
}
