/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.filter.Filter;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageCodec;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;

/**
 * The temporary queues and topics of this node's connections. They and their messages are in memory, never in the log:
 * all together at most so many bytes. Safe from any thread.
 */
public final class TemporaryDestinations {
    private final MessageCodec codec;
    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final Map<String, Temporary> byName = new ConcurrentHashMap<>();

    /** @param topic whether each consumer gets each message */
    private record Temporary(Object owner, boolean topic, List<MemoryQueue> queues) {}

    /** @param maxBytes of all messages in all of them */
    public TemporaryDestinations(MessageCodec codec, long maxBytes) {
        this.codec = codec;
        this.maxBytes = maxBytes;
    }

    /**
     * Makes one, or leaves the owner's own of that name as it is.
     *
     * @throws BrokerException ALREADY_EXISTS if the name is taken
     */
    public void create(String name, boolean topic, Object owner) {
        List<MemoryQueue> queues = new CopyOnWriteArrayList<>();
        if (!topic) {
            queues.add(new MemoryQueue(this::freed));
        }
        Temporary there = byName.putIfAbsent(name, new Temporary(owner, topic, queues));
        if (there != null && (there.owner() != owner || there.topic() != topic)) {
            throw new BrokerException(Reason.ALREADY_EXISTS, "there is a temporary destination '" + name + "' already");
        }
    }

    private void freed(long count) {
        bytes.addAndGet(-count);
    }

    /**
     * Ends a temporary destination and what is in it.
     *
     * @throws BrokerException TOPIC_NOT_FOUND, NO_PERMISSION for another than its owner, SUBSCRIPTION_IN_USE while it
     *     has consumers
     */
    public void delete(String name, Object owner) {
        Temporary temporary = owned(name, owner);
        if (temporary.queues().stream().anyMatch(MemoryQueue::hasConsumers)) {
            throw new BrokerException(
                    Reason.SUBSCRIPTION_IN_USE, "temporary destination '" + name + "' has active consumers");
        }
        end(name, temporary);
    }

    /** Ends all that an owner has. */
    public void deleteAll(Object owner) {
        byName.forEach((name, temporary) -> {
            if (temporary.owner() == owner) {
                end(name, temporary);
            }
        });
    }

    private void end(String name, Temporary temporary) {
        byName.remove(name, temporary);
        temporary.queues().forEach(MemoryQueue::end);
    }

    /** @throws BrokerException TOPIC_NOT_FOUND if there is no such destination (any more) */
    public void check(String name) {
        find(name);
    }

    private Temporary find(String name) {
        Temporary temporary = byName.get(name);
        if (temporary == null) {
            throw new BrokerException(
                    Reason.TOPIC_NOT_FOUND,
                    "there is no temporary destination '" + name + "'; its connection is closed");
        }
        return temporary;
    }

    private Temporary owned(String name, Object owner) {
        Temporary temporary = find(name);
        if (temporary.owner() != owner) {
            throw new BrokerException(
                    Reason.INVALID_NAME, "temporary destination '" + name + "' belongs to another connection");
        }
        return temporary;
    }

    /**
     * Hands a message to a temporary destination.
     *
     * @throws BrokerException TOPIC_NOT_FOUND; LIMIT_EXCEEDED if temporary destinations hold too much
     */
    public void publish(String name, Message message) {
        Temporary temporary = find(name);
        StoredMessage stored = stored(message);
        int size = stored.record().remaining();
        for (MemoryQueue queue : temporary.queues()) {
            if (bytes.addAndGet(size) > maxBytes) {
                freed(size);
                throw new BrokerException(
                        Reason.LIMIT_EXCEEDED,
                        "messages of temporary destinations take more than " + maxBytes + " bytes already");
            }
            if (!queue.add(stored)) {
                freed(size);
            }
        }
    }

    private StoredMessage stored(Message message) {
        ByteBuffer record = codec.encode(message, 0, 0);
        MessageRecord.stamp(record, message.bornTime());
        return new StoredMessage(record, 0, 0);
    }

    /**
     * Adds a consumer, without credit at first.
     *
     * @throws BrokerException TOPIC_NOT_FOUND, or INVALID_NAME for another than the owner
     */
    public Consumer attach(String name, Object owner, ConsumerOptions options, Consumer.Listener listener) {
        Temporary temporary = owned(name, owner);
        if (!temporary.topic()) {
            return temporary.queues().get(0).attach(options, listener);
        }
        MemoryQueue own = new MemoryQueue(this::freed);
        own.whenLeft(() -> temporary.queues().remove(own));
        temporary.queues().add(own);
        return own.attach(options, listener);
    }

    /**
     * Looks at what is in a temporary queue, without taking anything.
     *
     * @throws BrokerException TOPIC_NOT_FOUND; INVALID_NAME for another than the owner, or for a topic
     */
    public Consumer browse(String name, Object owner, Lane lane, @Nullable Filter filter, Consumer.Listener listener) {
        Temporary temporary = owned(name, owner);
        if (temporary.topic()) {
            throw new BrokerException(Reason.INVALID_NAME, "a topic cannot be browsed: " + name);
        }
        return temporary.queues().get(0).browse(lane, filter, listener);
    }

    /** Bytes of all messages. */
    public long bytes() {
        return bytes.get();
    }
}
