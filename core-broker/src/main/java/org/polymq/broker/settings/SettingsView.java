/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.settings;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/** Settings by name, as the log's records left them. Changed by apply; safe to read from any thread. */
public final class SettingsView implements View {
    private volatile Map<String, String> values = Map.of();

    Map<String, String> values() {
        return values;
    }

    static ByteBuffer record(Map<String, String> changes) {
        return ControlRecord.of(RecordType.SETTINGS, out -> ControlRecord.writeTexts(out, changes));
    }

    /** Applies a change: all settings as they are now. */
    public Map<String, String> apply(DataInput in) throws IOException {
        Map<String, String> next = new TreeMap<>(values);
        next.putAll(ControlRecord.readTexts(in));
        values = Map.copyOf(next);
        return values;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        ControlRecord.writeTexts(out, values);
    }

    @Override
    public void load(DataInput in) throws IOException {
        values = Map.copyOf(ControlRecord.readTexts(in));
    }
}
