/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.Done;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/** The wills of all clients, one each. Changed by apply; lookups are safe from any thread. */
public final class WillsView implements View {
    private final Map<String, StoredWill> byClient = new ConcurrentHashMap<>();
    private long lastId;

    Collection<StoredWill> all() {
        return List.copyOf(byClient.values());
    }

    private static byte[] bytes(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        return bytes;
    }

    static ByteBuffer stored(String clientId, String owner, long delaySeconds, ByteBuffer message) {
        return ControlRecord.of(RecordType.WILL, out -> {
            out.writeUTF(clientId);
            ControlRecord.writeText(out, owner);
            out.writeLong(delaySeconds);
            ControlRecord.writeBytes(out, bytes(message));
        });
    }

    static ByteBuffer due(String clientId, long id, long dueAt) {
        return ControlRecord.of(RecordType.WILL_DUE, out -> {
            out.writeUTF(clientId);
            out.writeLong(id);
            out.writeLong(dueAt);
        });
    }

    static ByteBuffer ended(String clientId, long id) {
        return ControlRecord.of(RecordType.WILL_ENDED, out -> {
            out.writeUTF(clientId);
            out.writeLong(id);
        });
    }

    /** Part of apply: a client's new will replaces what it had. */
    public StoredWill applyStored(DataInput in) throws IOException {
        StoredWill will = new StoredWill(
                in.readUTF(),
                ++lastId,
                ControlRecord.readText(in),
                in.readLong(),
                0,
                ByteBuffer.wrap(ControlRecord.readBytes(in)));
        byClient.put(will.clientId(), will);
        return will;
    }

    /** Part of apply. */
    public Done applyDue(DataInput in) throws IOException {
        String clientId = in.readUTF();
        long id = in.readLong();
        long dueAt = in.readLong();
        byClient.computeIfPresent(clientId, (key, will) -> will.id() == id ? will.dueAt(dueAt) : will);
        return Done.DONE;
    }

    /** Part of apply: published, or not wanted any more. */
    public Done applyEnded(DataInput in) throws IOException {
        String clientId = in.readUTF();
        long id = in.readLong();
        byClient.computeIfPresent(clientId, (key, will) -> will.id() == id ? null : will);
        return Done.DONE;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(lastId);
        out.writeInt(byClient.size());
        for (StoredWill will : byClient.values()) {
            out.writeUTF(will.clientId());
            out.writeLong(will.id());
            ControlRecord.writeText(out, will.owner());
            out.writeLong(will.delaySeconds());
            out.writeLong(will.dueAt());
            ControlRecord.writeBytes(out, bytes(will.message()));
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        byClient.clear();
        lastId = in.readLong();
        for (int n = in.readInt(); n > 0; n--) {
            StoredWill will = new StoredWill(
                    in.readUTF(),
                    in.readLong(),
                    ControlRecord.readText(in),
                    in.readLong(),
                    in.readLong(),
                    ByteBuffer.wrap(ControlRecord.readBytes(in)));
            byClient.put(will.clientId(), will);
        }
    }
}
