/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/** How native groups consume topics, where that was said. Changed by apply; safe to read from any thread. */
public final class RequestModesView implements View {
    private final Map<Key, RequestMode> modes = new ConcurrentHashMap<>();

    record Key(String group, String topic) {}

    RequestMode get(String group, String topic) {
        return modes.getOrDefault(new Key(group, topic), RequestMode.PULL);
    }

    static ByteBuffer record(String group, String topic, RequestMode mode) {
        return ControlRecord.of(RecordType.REQUEST_MODE, out -> write(new Key(group, topic), mode, out));
    }

    /** Applies a mode record. */
    public void apply(DataInput in) throws IOException {
        read(in);
    }

    /** Part of apply: a group is deleted. */
    public void forgetGroup(String group) {
        modes.keySet().removeIf(key -> key.group().equals(group));
    }

    @Override
    public void save(DataOutput out) throws IOException {
        Map<Key, RequestMode> all = Map.copyOf(modes);
        out.writeInt(all.size());
        for (Map.Entry<Key, RequestMode> mode : all.entrySet()) {
            write(mode.getKey(), mode.getValue(), out);
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        modes.clear();
        for (int n = in.readInt(); n > 0; n--) {
            read(in);
        }
    }

    private static void write(Key key, RequestMode mode, DataOutput out) throws IOException {
        ControlRecord.writeText(out, key.group());
        ControlRecord.writeText(out, key.topic());
        out.writeBoolean(mode.pop());
        out.writeInt(mode.shareQueues());
    }

    private void read(DataInput in) throws IOException {
        Key key = new Key(ControlRecord.readText(in), ControlRecord.readText(in));
        modes.put(key, new RequestMode(in.readBoolean(), in.readInt()));
    }
}
