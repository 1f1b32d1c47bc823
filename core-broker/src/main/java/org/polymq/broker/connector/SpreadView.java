/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.state.ChangeVersion;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.View;

/**
 * Since when connectors are spread over the groups, so that one that is deleted and made again is known as another one.
 * Changed by apply; safe to read from any thread.
 */
public final class SpreadView implements View {
    private final ChangeVersion version = new ChangeVersion();
    /** By connector: the version that made it, or spread it. */
    private final Map<String, Long> since = new ConcurrentHashMap<>();

    SpreadView() {}

    long version() {
        return version.value();
    }

    void changed(@Nullable Connector before, Connector next, long storeTime) {
        if (next.isSpread()) {
            version.changed(storeTime);
            since.putIfAbsent(next.name(), version.value());
        } else if (before != null) {
            deleted(before, storeTime);
        }
    }

    void deleted(Connector deleted, long storeTime) {
        if (deleted.isSpread()) {
            version.changed(storeTime);
            since.remove(deleted.name());
        }
    }

    void mirrored(ConnectorsCopy copy) {
        copy.connectors().forEach(each -> since.put(each.connector().name(), each.since()));
        since.keySet().removeIf(name -> copy.find(name).isEmpty());
        version.mirrored(copy.version());
    }

    /** Whether the copy has the connector of this name that is here. */
    boolean isIn(ConnectorsCopy copy, String name) {
        return copy.find(name)
                .filter(each -> since.getOrDefault(name, 0L) == each.since())
                .isPresent();
    }

    ConnectorsCopy copy(Map<String, Connector> connectors) {
        List<ConnectorsCopy.Copied> copied = new TreeMap<>(connectors)
                .values().stream()
                        .filter(Connector::isSpread)
                        .map(each -> new ConnectorsCopy.Copied(since.getOrDefault(each.name(), 0L), each))
                        .toList();
        return new ConnectorsCopy(version(), copied);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        version.save(out);
        out.writeInt(since.size());
        for (Map.Entry<String, Long> each : new TreeMap<>(since).entrySet()) {
            ControlRecord.writeText(out, each.getKey());
            out.writeLong(each.getValue());
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        version.load(in);
        since.clear();
        for (int n = in.readInt(); n > 0; n--) {
            String name = ControlRecord.readText(in);
            since.put(name, in.readLong());
        }
    }
}
