/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/** Native groups and the offsets they committed. Changed by apply; safe to read from any thread. */
public final class GroupsView implements View {
    private final Map<String, GroupState> byName = new ConcurrentHashMap<>();

    /** Topics of which some group committed an offset. */
    private final Set<Integer> topicsRead = ConcurrentHashMap.newKeySet();

    private static final class GroupState {
        private volatile Group settings;
        private final Map<Long, Long> offsets = new ConcurrentHashMap<>(4);

        private GroupState(Group settings) {
            this.settings = settings;
        }
    }

    /** One committed offset. */
    record Commit(String group, long queue, long offset) {}

    @Nullable
    Group get(String name) {
        GroupState state = byName.get(name);
        return state == null ? null : state.settings;
    }

    Collection<Group> all() {
        List<Group> all = new ArrayList<>();
        byName.values().forEach(state -> all.add(state.settings));
        return all;
    }

    /** The committed offset, or -1. */
    long offset(String group, long queue) {
        GroupState state = byName.get(group);
        return state == null ? -1 : state.offsets.getOrDefault(queue, -1L);
    }

    /** Committed offsets of a group by queue number: a copy. */
    Map<Long, Long> offsets(String group) {
        GroupState state = byName.get(group);
        return state == null ? Map.of() : Map.copyOf(state.offsets);
    }

    static ByteBuffer record(Group group) {
        return ControlRecord.of(RecordType.GROUP, out -> write(group, out));
    }

    static ByteBuffer deletion(String name) {
        return ControlRecord.of(RecordType.GROUP_DELETED, out -> out.writeUTF(name));
    }

    static ByteBuffer offsetsRecord(List<Commit> commits) {
        return ControlRecord.of(RecordType.OFFSETS, out -> {
            out.writeInt(commits.size());
            for (Commit commit : commits) {
                out.writeUTF(commit.group());
                out.writeLong(commit.queue());
                out.writeLong(commit.offset());
            }
        });
    }

    /** Applies a group record; answers the {@link Group}. */
    public Object apply(DataInput in) throws IOException {
        return put(read(in)).settings;
    }

    public @Nullable Object applyDeletion(DataInput in) throws IOException {
        GroupState removed = byName.remove(in.readUTF());
        return removed == null ? null : removed.settings;
    }

    /** @param isTopic whether there is a topic of this number: offsets of a deleted one are forgotten */
    public void applyOffsets(DataInput in, IntPredicate isTopic) throws IOException {
        for (int n = in.readInt(); n > 0; n--) {
            GroupState state = byName.get(in.readUTF());
            long queue = in.readLong();
            long offset = in.readLong();
            if (state != null && isTopic.test(topicOf(queue))) {
                state.offsets.put(queue, offset);
                topicsRead.add(topicOf(queue));
            }
        }
    }

    boolean reads(int topicId) {
        return topicsRead.contains(topicId);
    }

    /** Part of apply: a topic is deleted, and these are its queues. */
    public void forget(long firstQueue, int queues) {
        for (GroupState state : byName.values()) {
            for (int i = 0; i < queues; i++) {
                state.offsets.remove(firstQueue + i);
            }
        }
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(byName.size());
        for (GroupState state : byName.values()) {
            write(state.settings, out);
            out.writeInt(state.offsets.size());
            for (Map.Entry<Long, Long> offset : state.offsets.entrySet()) {
                out.writeLong(offset.getKey());
                out.writeLong(offset.getValue());
            }
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        byName.clear();
        topicsRead.clear();
        for (int n = in.readInt(); n > 0; n--) {
            GroupState state = put(read(in));
            for (int offsets = in.readInt(); offsets > 0; offsets--) {
                long queue = in.readLong();
                state.offsets.put(queue, in.readLong());
                topicsRead.add(topicOf(queue));
            }
        }
    }

    private static int topicOf(long queue) {
        return (int) (queue >>> 16);
    }

    private GroupState put(Group group) {
        GroupState state = byName.computeIfAbsent(group.name(), name -> new GroupState(group));
        state.settings = group;
        return state;
    }

    private static void write(Group group, DataOutput out) throws IOException {
        out.writeUTF(group.name());
        out.writeBoolean(group.consumeEnabled());
        out.writeBoolean(group.broadcastEnabled());
        out.writeInt(group.maxRetries());
        out.writeBoolean(group.orderly());
        out.writeBoolean(group.fromMin());
        out.writeBoolean(group.notifiesMembers());
        out.writeInt(group.retryQueues());
        ControlRecord.writeText(out, group.retryPolicy());
        ControlRecord.writeTexts(out, group.attributes());
    }

    private static Group read(DataInput in) throws IOException {
        return new Group(
                in.readUTF(),
                in.readBoolean(),
                in.readBoolean(),
                in.readInt(),
                in.readBoolean(),
                in.readBoolean(),
                in.readBoolean(),
                in.readInt(),
                ControlRecord.readText(in),
                ControlRecord.readTexts(in));
    }
}
