/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.topic.Topic;

/**
 * Native consumer groups: their settings, and their positions by offset. Commits of offsets are coalesced: a crash may
 * forget the last 100 ms, and their messages are delivered again. Safe from any thread.
 */
public final class Groups {
    private static final int MOST_PER_RECORD = 1_000;

    private final GroupsView view;
    private final Committer committer;
    private final Map<Key, Long> unsaved = new ConcurrentHashMap<>();

    /** Topics that a native consumer was seen to read since the start. */
    private final Set<Integer> read = ConcurrentHashMap.newKeySet();

    private volatile Mover mover = this::commitAll;

    private record Key(String group, long queue) {}

    /** Sends a group elsewhere together with those of its members that are online; the adapter knows them. */
    @FunctionalInterface
    public interface Mover {
        /**
         * Moves the group.
         *
         * @param offsets the offset to consume next, by queue of the topic
         * @param done runs once it is so, on any thread
         */
        void move(String group, Topic topic, Map<Integer, Long> offsets, Runnable done);
    }

    public Groups(GroupsView view, Committer committer) {
        this.view = view;
        this.committer = committer;
    }

    public Optional<Group> find(String name) {
        return Optional.ofNullable(view.get(name));
    }

    public Collection<Group> all() {
        return view.all();
    }

    /** Answers the group of this name, made with default settings if there is none. */
    public void ensure(String name, Lane lane, Reply<Group> reply) {
        Group existing = view.get(name);
        if (existing != null) {
            reply.ok(existing);
            return;
        }
        update(Group.of(name), lane, reply);
    }

    /** Makes the group or changes its settings. */
    public void update(Group group, Lane lane, Reply<Group> reply) {
        committer.control(List.of(GroupsView.record(group)), lane, reply, results -> (Group) results[0]);
    }

    /** Deletes the group with its offsets; answers whether there was one. */
    public void delete(String name, Lane lane, Reply<Boolean> reply) {
        committer.control(List.of(deletion(name)), lane, reply, results -> results[0] != null);
    }

    /** The record that deletes the group, for an entry with other facts. What was not saved yet is forgotten now. */
    public ByteBuffer deletion(String name) {
        unsaved.keySet().removeIf(key -> key.group().equals(name));
        return GroupsView.deletion(name);
    }

    /** The offset that the group consumes next from the queue, or -1 if it never committed one. */
    public long offset(String group, long queue) {
        Long latest = unsaved.get(new Key(group, queue));
        return latest != null ? latest : view.offset(group, queue);
    }

    /** All committed offsets of a group, by queue number. */
    public Map<Long, Long> offsets(String group) {
        Map<Long, Long> all = new HashMap<>(view.offsets(group));
        unsaved.forEach((key, offset) -> {
            if (key.group().equals(group)) {
                all.put(key.queue(), offset);
            }
        });
        return all;
    }

    /** Commits the offset to consume next; nobody waits for it. Going back is allowed. The group must exist. */
    public void commit(String group, long queue, long offset) {
        if (offset(group, queue) == offset) {
            return;
        }
        unsaved.put(new Key(group, queue), offset);
        if (unsaved.size() >= MOST_PER_RECORD) {
            save();
        }
    }

    /** Has an adapter move groups, since it knows who is online. */
    public void movedBy(Mover adapter) {
        mover = adapter;
    }

    /**
     * An operator sends a group to other offsets of a topic, whether its members are online or not; see {@link Mover}.
     */
    public void move(String group, Topic topic, Map<Integer, Long> offsets, Runnable done) {
        mover.move(group, topic, offsets, done);
    }

    private void commitAll(String group, Topic topic, Map<Integer, Long> offsets, Runnable done) {
        offsets.forEach((queue, offset) -> commit(group, topic.queueKey(queue), offset));
        done.run();
    }

    /** Notes that native consumers read a topic: its QoS 0 messages are stored from now on. */
    public void markRead(int topicId) {
        read.add(topicId);
    }

    /** Whether native consumers read, or have ever committed an offset of, a topic. */
    public boolean reads(int topicId) {
        return read.contains(topicId) || view.reads(topicId);
    }

    /** Writes the coalesced commits. Called every 100 ms and before a clean stop. */
    public void save() {
        if (unsaved.isEmpty()) {
            return;
        }
        List<GroupsView.Commit> commits = new ArrayList<>();
        unsaved.forEach((key, offset) -> commits.add(new GroupsView.Commit(key.group(), key.queue(), offset)));
        for (int from = 0; from < commits.size(); from += MOST_PER_RECORD) {
            List<GroupsView.Commit> part = commits.subList(from, Math.min(commits.size(), from + MOST_PER_RECORD));
            committer.<Boolean>control(
                    List.of(GroupsView.offsetsRecord(part)),
                    Lane.direct(),
                    Reply.of(stored -> part.forEach(this::saved), refused -> {}),
                    results -> true);
        }
    }

    private void saved(GroupsView.Commit commit) {
        unsaved.remove(new Key(commit.group(), commit.queue()), commit.offset());
    }
}
