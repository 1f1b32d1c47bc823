/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** A queue that an administrator names and applications look up. */
public final class PolyMQQueue extends NamedDestination implements Queue {
    private static final long serialVersionUID = 1L;

    /** For the server, which sets the name. */
    public PolyMQQueue() {}

    @Override
    public @Nullable String getQueueName() {
        return getName();
    }
}
