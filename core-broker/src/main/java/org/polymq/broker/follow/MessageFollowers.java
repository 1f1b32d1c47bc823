/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.follow;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who follows what happens to messages. Safe from any thread. */
public final class MessageFollowers {
    private static final Logger LOG = LoggerFactory.getLogger(MessageFollowers.class);

    private final List<MessageFollower> followers = new CopyOnWriteArrayList<>();

    /** Whether there are any: asked before an event is put together. */
    public boolean any() {
        return !followers.isEmpty();
    }

    public void add(MessageFollower follower) {
        followers.add(follower);
    }

    public void remove(MessageFollower follower) {
        followers.remove(follower);
    }

    /** A message was stored, or handed to who is online. */
    public void published(Message message, @Nullable Long position, Instant started) {
        String producer = message.producer();
        InetSocketAddress host = message.bornHost();
        String client = producer != null ? producer : host == null ? "" : address(host);
        String protocol = message.origin() == Origin.NATIVE
                ? "rocketmq"
                : message.origin().name().toLowerCase(Locale.ROOT);
        happened(MessageEvent.published(
                message, position, protocol, client, started, Duration.between(started, Instant.now())));
    }

    private static String address(InetSocketAddress host) {
        return host.getHostString() + ":" + host.getPort();
    }

    // What a follower throws is its own affair: the client gets its answer all the same.
    void happened(MessageEvent event) {
        for (MessageFollower follower : followers) {
            try {
                follower.happened(event);
            } catch (RuntimeException e) {
                LOG.error("a follower of messages failed", e);
            }
        }
    }
}
