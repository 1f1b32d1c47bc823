/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import java.util.List;
import java.util.Map;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Stored;

/** A source whose tasks are lent, in the group that stores what they bring. Safe from any thread; nothing blocks. */
public interface LentSource {
    String name();

    /** The connector's configuration with its secrets in their places: not for logs. */
    Map<String, String> config();

    /** How far it is. */
    Map<String, String> positions();

    /** As {@link SourceLog#store}, without waiting. Answered on whichever thread stores. */
    void store(List<Message> messages, Map<String, String> positions, Reply<List<Stored>> reply);

    /** A task did not end in its time: it is fenced off, and may still be doing something there. */
    void failed();
}
