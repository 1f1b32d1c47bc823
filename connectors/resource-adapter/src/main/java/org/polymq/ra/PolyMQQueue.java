/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.Queue;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A queue that an administrator names and applications look up. */
public final class PolyMQQueue implements Queue, Serializable {
    private static final long serialVersionUID = 1L;

    private @Nullable String name;

    /** For the server, which sets the name. */
    public PolyMQQueue() {}

    /** The queue's name at the broker. */
    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    @Override
    public @Nullable String getQueueName() {
        return name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PolyMQQueue that && Objects.equals(name, that.name);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(name);
    }

    @Override
    public String toString() {
        return String.valueOf(name);
    }
}
