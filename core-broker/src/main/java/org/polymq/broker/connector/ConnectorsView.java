/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
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

    private final SpreadView spread = new SpreadView();

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

    /** Those that are spread over the groups. A view of its own. */
    public SpreadView spread() {
        return spread;
    }

    /** Those that are spread over the groups, as of one moment. */
    synchronized ConnectorsCopy copy() {
        return spread.copy(connectors);
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

    /** Replaces those that are spread by a copy of another group's, unless what is here is newer. */
    static ByteBuffer record(ConnectorsCopy copy) {
        return ControlRecord.of(RecordType.CONNECTORS_MIRRORED, copy::write);
    }

    /**
     * Applies one of this view's records; answers what it made or removed, or why it was refused.
     *
     * @param storeTime of the record, ms since the epoch
     */
    public synchronized Object apply(RecordType type, long storeTime, DataInput in) throws IOException {
        return switch (type) {
            case CONNECTOR -> applyDefinition(storeTime, in);
            case CONNECTOR_DELETED -> applyDeletion(storeTime, in);
            case CONNECTOR_POSITIONS -> applyPositions(in);
            case CONNECTORS_MIRRORED -> applyMirrored(in);
            default -> throw new IllegalArgumentException(type + " is not about connectors");
        };
    }

    private Object applyDefinition(long storeTime, DataInput in) throws IOException {
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
        spread.changed(current, next, storeTime);
        return next;
    }

    private Object applyDeletion(long storeTime, DataInput in) throws IOException {
        String name = ControlRecord.readText(in);
        Connector deleted = connectors.remove(name);
        positions.remove(name);
        if (deleted == null) {
            return notFound(name);
        }
        spread.deleted(deleted, storeTime);
        return deleted;
    }

    /** Answers whether the copy is what is here now. A connector of this group's own is not replaced by a namesake. */
    private boolean applyMirrored(DataInput in) throws IOException {
        ConnectorsCopy copy = ConnectorsCopy.read(in);
        if (copy.version() < spread.version()) {
            return false;
        }
        for (Connector over : over(copy)) {
            connectors.remove(over.name());
            positions.remove(over.name());
        }
        for (ConnectorsCopy.Copied each : copy.connectors()) {
            connectors.compute(
                    each.connector().name(), (name, own) -> own == null || own.isSpread() ? each.connector() : own);
        }
        spread.mirrored(copy);
        return true;
    }

    /** The spread ones of this group that the copy has no more, or has been given anew; none if it is the older one. */
    List<Connector> over(ConnectorsCopy copy) {
        if (copy.version() < spread.version()) {
            return List.of();
        }
        return connectors.values().stream()
                .filter(each -> each.isSpread() && !spread.isIn(copy, each.name()))
                .toList();
    }

    private Object applyPositions(DataInput in) throws IOException {
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
