/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;

/**
 * Connectors and the positions they have reached, as the log's records left them. Changed by apply; safe to read from
 * any thread.
 */
public final class ConnectorsView implements View {
    private static final long NEW = 0;

    private final Map<String, Connector> connectors = new ConcurrentHashMap<>();
    /** By connector; each table is replaced, never changed. */
    private final Map<String, Map<String, String>> positions = new ConcurrentHashMap<>();

    @Nullable
    Connector get(String name) {
        return connectors.get(name);
    }

    Map<String, Connector> all() {
        return connectors;
    }

    Map<String, String> positions(String name) {
        return positions.getOrDefault(name, Map.of());
    }

    /** Makes a connector of version 0, or changes the one whose version it is. */
    static ByteBuffer record(Connector connector) {
        return ControlRecord.of(RecordType.CONNECTOR, connector::write);
    }

    static ByteBuffer deletion(String name) {
        return ControlRecord.of(RecordType.CONNECTOR_DELETED, out -> ControlRecord.writeText(out, name));
    }

    /** Sets positions; an empty value removes one. */
    static ByteBuffer positionsRecord(String name, Map<String, String> changes) {
        return ControlRecord.of(RecordType.CONNECTOR_POSITIONS, out -> {
            ControlRecord.writeText(out, name);
            ControlRecord.writeTexts(out, changes);
        });
    }

    /** Applies a definition: what it is now, or why it was refused. */
    public Object apply(DataInput in) throws IOException {
        Connector wanted = Connector.read(in);
        Connector current = connectors.get(wanted.name());
        if (current == null && wanted.version() != NEW) {
            return notFound(wanted.name());
        }
        if (current != null && wanted.version() == NEW) {
            return new BrokerException(Reason.ALREADY_EXISTS, "there is a connector " + wanted.name() + " already");
        }
        if (current != null && wanted.version() != current.version()) {
            return new BrokerException(
                    Reason.ALREADY_EXISTS, "connector " + wanted.name() + " was changed meanwhile: look at it again");
        }
        Connector next = new Connector(
                wanted.name(),
                wanted.kind(),
                wanted.user(),
                wanted.target(),
                wanted.config(),
                wanted.hidden(),
                wanted.version() + 1);
        connectors.put(next.name(), next);
        return next;
    }

    /** Applies a deletion: what was deleted, or why nothing was. */
    public Object applyDeletion(DataInput in) throws IOException {
        String name = ControlRecord.readText(in);
        Connector deleted = connectors.remove(name);
        positions.remove(name);
        return deleted == null ? notFound(name) : deleted;
    }

    /** Applies positions: those of the connector now, or why they were refused. */
    public Object applyPositions(DataInput in) throws IOException {
        String name = ControlRecord.readText(in);
        Map<String, String> changes = ControlRecord.readTexts(in);
        if (!connectors.containsKey(name)) {
            return notFound(name);
        }
        Map<String, String> next = new TreeMap<>(positions(name));
        changes.forEach((key, value) -> {
            if (value.isEmpty()) {
                next.remove(key);
            } else {
                next.put(key, value);
            }
        });
        positions.put(name, Map.copyOf(next));
        return next;
    }

    static BrokerException notFound(String name) {
        return new BrokerException(Reason.INVALID_REQUEST, "there is no connector " + name);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(connectors.size());
        for (Connector connector : new TreeMap<>(connectors).values()) {
            connector.write(out);
            ControlRecord.writeTexts(out, positions(connector.name()));
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        connectors.clear();
        positions.clear();
        for (int n = in.readInt(); n > 0; n--) {
            Connector connector = Connector.read(in);
            connectors.put(connector.name(), connector);
            positions.put(connector.name(), Map.copyOf(ControlRecord.readTexts(in)));
        }
    }
}
