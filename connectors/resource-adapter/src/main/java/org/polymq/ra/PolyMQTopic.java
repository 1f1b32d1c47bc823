/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/** A topic that an administrator names and applications look up. */
public final class PolyMQTopic extends NamedDestination implements Topic {
    private static final long serialVersionUID = 1L;

    /** For the server, which sets the name. */
    public PolyMQTopic() {}

    @Override
    public @Nullable String getTopicName() {
        return getName();
    }
}
