/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.nio.ByteBuffer;
import org.polymq.broker.BrokerException;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.group.Groups;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.QueueReader;

/**
 * Tells those who follow what members of groups pulled and, since they acknowledge by offset, which messages an offset
 * that they commit stands for.
 */
final class PullFollowing {
    /** Of one committed offset, so many messages are told at most: the newest. */
    private static final int MOST = 256;

    private final MessageFollowers followers;
    private final Groups groups;
    private final QueueReader queues;

    PullFollowing(MessageFollowers followers, Groups groups, QueueReader queues) {
        this.followers = followers;
        this.groups = groups;
        this.queues = queues;
    }

    /** A message is on its way to a member. */
    void delivered(NativeConnection member, String group, ByteBuffer record, long position, long offset) {
        if (followers.any()) {
            client(member).delivered(new StoredMessage(record, position, offset), group);
        }
    }

    /** To be called before the offset is the group's. */
    void committing(NativeConnection member, String group, long queue, long offset) {
        if (!followers.any()) {
            return;
        }
        long before = Math.max(groups.offset(group, queue), queues.start(queue));
        long from = Math.max(before, offset - MOST);
        if (from >= Math.min(offset, queues.end(queue))) {
            return;
        }
        ClientFollowing client = client(member);
        queues.visit(queue, from, (int) (offset - from), (at, position, size, tagHash, expiresAt) -> {
            if (at < offset) {
                acknowledged(client, group, position, at);
            }
            return at < offset;
        });
    }

    private void acknowledged(ClientFollowing client, String group, long position, long offset) {
        try {
            client.acknowledged(new StoredMessage(queues.record(position), position, offset), group);
        } catch (BrokerException gone) {
            // Retention took it meanwhile: there is nothing to tell it by.
        }
    }

    private ClientFollowing client(NativeConnection member) {
        return new ClientFollowing(followers, "rocketmq", member.remoteAddress());
    }
}
