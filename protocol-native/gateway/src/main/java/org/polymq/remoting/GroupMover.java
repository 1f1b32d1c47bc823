/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.List;
import java.util.Map;
import org.polymq.broker.group.Groups;
import org.polymq.broker.topic.Topic;

/**
 * Sends a group to other offsets, whether its members are online or not: members that pull are told at once to go on
 * there; those that pop get what follows.
 */
final class GroupMover implements Groups.Mover {
    private final Groups groups;
    private final ConsumerGroups members;
    private final PopGroups pops;
    private final OffsetResets resets;

    GroupMover(Groups groups, ConsumerGroups members, PopGroups pops, OffsetResets resets) {
        this.groups = groups;
        this.members = members;
        this.pops = pops;
        this.resets = resets;
    }

    @Override
    public void move(String group, Topic topic, Map<Integer, Long> offsets, Runnable done) {
        if (pops.find(group, topic) == null) {
            tellPulling(group, topic, offsets);
            commit(group, topic, offsets);
            done.run();
        } else {
            pops.reset(group, topic, () -> {
                commit(group, topic, offsets);
                done.run();
            });
        }
    }

    private void commit(String group, Topic topic, Map<Integer, Long> offsets) {
        offsets.forEach((queueId, offset) -> {
            long queue = topic.queueKey(queueId);
            groups.commit(group, queue, offset);
            pops.goBack(group, topic, queue, offset);
        });
    }

    private void tellPulling(String group, Topic topic, Map<Integer, Long> offsets) {
        List<NativeConnection> online = members.connections(group);
        if (!online.isEmpty()) {
            offsets.forEach((queueId, offset) -> resets.put(group, topic.queueKey(queueId), offset));
            online.forEach(member -> member.execute(() -> member.wakeParked(group, topic.id())));
        }
    }
}
