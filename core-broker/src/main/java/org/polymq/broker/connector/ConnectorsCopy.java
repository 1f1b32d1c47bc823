/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The connectors of a group that are spread over all groups, for the logs of the others.
 *
 * @param version greater than that of every copy made before
 * @param connectors by name
 */
record ConnectorsCopy(long version, List<Copied> connectors) {
    ConnectorsCopy {
        connectors = List.copyOf(connectors);
    }

    /**
     * One of them.
     *
     * @param since the version that made it, or spread it
     */
    record Copied(long since, Connector connector) {}

    Optional<Copied> find(String name) {
        return connectors.stream()
                .filter(each -> each.connector().name().equals(name))
                .findFirst();
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(version);
        out.writeInt(connectors.size());
        for (Copied each : connectors) {
            out.writeLong(each.since());
            each.connector().write(out);
        }
    }

    static ConnectorsCopy read(DataInput in) throws IOException {
        long version = in.readLong();
        List<Copied> connectors = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            long since = in.readLong();
            connectors.add(new Copied(since, Connector.read(in)));
        }
        return new ConnectorsCopy(version, connectors);
    }
}
