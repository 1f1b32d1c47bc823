/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.state.ControlRecord;

/**
 * The definition of a connector, as the log keeps it.
 *
 * @param name letters, digits, {@code _}, {@code -} and {@code .}, up to 100
 * @param kind the {@link ConnectorKind} that runs it
 * @param user whose permissions hold for what it publishes and reads; empty while security is off
 * @param target what it is meant to be doing
 * @param config keys and values, as the kind documents them
 * @param hidden keys of values that are never shown
 * @param version one more with each change
 */
public record Connector(
        String name,
        String kind,
        String user,
        Target target,
        Map<String, String> config,
        Set<String> hidden,
        long version) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,100}");

    /** What is shown in the place of a hidden value; written back, it leaves the value as it is. */
    public static final String MASK = "********";

    /** The key of a connector that every group of a cluster runs with what its own log has. */
    public static final String SPREAD = "spread";

    /** What a connector is meant to be doing. Numbers are part of the file format. */
    public enum Target {
        RUNNING(0),
        /** Started, with its connections open, but nothing moves. */
        PAUSED(1),
        /** Not started. */
        STOPPED(2);

        private final int code;

        Target(int code) {
            this.code = code;
        }

        static Target of(int code) throws IOException {
            for (Target target : values()) {
                if (target.code == code) {
                    return target;
                }
            }
            throw new IOException("unknown target " + code + " of a connector");
        }
    }

    public Connector {
        if (!NAME.matcher(name).matches()) {
            throw new BrokerException(
                    Reason.INVALID_NAME,
                    "'" + name + "' is no name of a connector: 1 to 100 letters, digits, '_', '-' and '.'");
        }
        config = Map.copyOf(config);
        hidden = Set.copyOf(hidden);
    }

    /** The name of the consumer group whose offsets say how far it has read. */
    public String group() {
        return kind + "-" + name;
    }

    /** Whether every group of a cluster runs it. */
    public boolean isSpread() {
        return Boolean.parseBoolean(config.getOrDefault(SPREAD, "").strip());
    }

    /** The same with another target. */
    public Connector with(Target next) {
        return new Connector(name, kind, user, next, config, hidden, version);
    }

    /** The configuration as it may be shown, in the order of its keys. */
    public Map<String, String> shownConfig() {
        Map<String, String> shown = new TreeMap<>(config);
        shown.replaceAll((key, value) -> hidden.contains(key) ? MASK : value);
        return shown;
    }

    void write(DataOutput out) throws IOException {
        ControlRecord.writeText(out, name);
        ControlRecord.writeText(out, kind);
        ControlRecord.writeText(out, user);
        out.writeByte(target.code);
        ControlRecord.writeTexts(out, config);
        out.writeInt(hidden.size());
        for (String key : new TreeSet<>(hidden)) {
            ControlRecord.writeText(out, key);
        }
        out.writeLong(version);
    }

    static Connector read(DataInput in) throws IOException {
        String name = ControlRecord.readText(in);
        String kind = ControlRecord.readText(in);
        String user = ControlRecord.readText(in);
        Target target = Target.of(in.readByte());
        Map<String, String> config = ControlRecord.readTexts(in);
        Set<String> hidden = new TreeSet<>();
        for (int n = in.readInt(); n > 0; n--) {
            hidden.add(ControlRecord.readText(in));
        }
        return new Connector(name, kind, user, target, config, hidden, in.readLong());
    }

    @Override
    public String toString() {
        return "connector " + name + " (" + kind + ")"; // never its configuration: it may hold secrets
    }
}
