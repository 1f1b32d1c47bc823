/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.Destination;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A destination that an administrator names and applications look up. */
public abstract class NamedDestination implements Destination, Serializable {
    private static final long serialVersionUID = 1L;

    private @Nullable String name;

    NamedDestination() {}

    /** The destination's name at the broker. */
    public @Nullable String getName() {
        return name;
    }

    /** One that is empty says nothing: servers may set each property. */
    public void setName(@Nullable String name) {
        if (name != null && !name.isBlank()) {
            this.name = name;
        }
    }

    /** The name by the word that {@code @JMSDestinationDefinition} has for it, which servers pass on. */
    public @Nullable String getDestinationName() {
        return name;
    }

    public void setDestinationName(@Nullable String name) {
        setName(name);
    }

    @Override
    @SuppressWarnings("EqualsGetClass") // A queue is not the topic of that name.
    public final boolean equals(@Nullable Object other) {
        return other != null && other.getClass() == getClass() && Objects.equals(name, ((NamedDestination) other).name);
    }

    @Override
    public final int hashCode() {
        return Objects.hashCode(name);
    }

    @Override
    public final String toString() {
        return String.valueOf(name);
    }
}
