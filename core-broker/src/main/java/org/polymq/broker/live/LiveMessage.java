/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.live;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;

/** A message on its way to transient subscribers. Shared by all of them; safe from any thread. */
public final class LiveMessage {
    private static final int VARIANTS = 16;

    private final String name;
    private final @Nullable StoredMessage stored;
    private volatile @Nullable Message message;
    private final Object[] encoded = new Object[VARIANTS];

    /** A message that is in the log. */
    public LiveMessage(String name, StoredMessage stored) {
        this.name = name;
        this.stored = stored;
    }

    /** A message that is not: QoS 0, straight from its publisher. */
    public LiveMessage(String name, Message message) {
        this.name = name;
        this.stored = null;
        this.message = message;
    }

    /** The canonical (MQTT) topic name. */
    public String name() {
        return name;
    }

    /** Null if the message is not in the log. */
    public @Nullable StoredMessage stored() {
        return stored;
    }

    /** The message; one in chunks is without its body, which {@link StoredMessage#bodyReader} reads. */
    public Message message() {
        Message decoded = message;
        if (decoded == null && stored != null) {
            decoded = stored.isChunked() ? stored.toHeaders() : stored.toMessage();
            message = decoded;
        }
        if (decoded == null) {
            throw new IllegalStateException("a live message has either form");
        }
        return decoded;
    }

    /**
     * What an adapter kept for all its subscribers, so that a message is encoded once per variant. Two threads may both
     * find nothing; what they make must be equal.
     *
     * @param variant 0 to 15, the adapter's own numbering
     */
    public @Nullable Object encoded(int variant) {
        return encoded[variant];
    }

    /** @param value immutable, or safely published by itself */
    public void keepEncoded(int variant, Object value) {
        encoded[variant] = value;
    }
}
