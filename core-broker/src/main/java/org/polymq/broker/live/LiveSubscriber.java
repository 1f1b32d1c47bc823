/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.live;

import java.util.List;
import org.polymq.broker.Lane;

/** A transient subscriber: it gets what is published while it is there. */
public interface LiveSubscriber {
    /** Where {@link #deliver} is called. */
    Lane lane();

    /**
     * Takes a message, in log order (messages that are not stored: in their publisher's order).
     *
     * @param tags the tags of all its filters that match, in no order
     */
    void deliver(LiveMessage message, List<Object> tags);

    /** Whether messages must be in the log for it, so that it can come back to them. */
    boolean needsStored();
}
