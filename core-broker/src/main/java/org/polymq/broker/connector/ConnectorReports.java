/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * How a group's connectors that are spread are doing there, as its leader tells the first group.
 *
 * @param reports by name
 * @param more whether there are others behind them
 */
public record ConnectorReports(List<ConnectorReport> reports, boolean more) {
    /** What {@link #toBytes} makes has no more bytes than this. */
    public static final int MOST_BYTES = 31 << 10;

    public ConnectorReports {
        reports = List.copyOf(reports);
    }

    /** As many of them as fit. */
    static ConnectorReports of(Iterator<ConnectorReport> all) {
        List<ConnectorReport> fit = new ArrayList<>();
        int left = MOST_BYTES - Byte.BYTES - Integer.BYTES;
        while (all.hasNext()) {
            ConnectorReport next = all.next();
            left -= next.toBytes().length;
            if (left < 0) {
                return new ConnectorReports(fit, true);
            }
            fit.add(next);
        }
        return new ConnectorReports(fit, false);
    }

    /** As bytes, which {@link #read} reads. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeBoolean(more);
            out.writeInt(reports.size());
            for (ConnectorReport each : reports) {
                out.write(each.toBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are none */
    public static ConnectorReports read(ByteBuffer bytes) {
        byte[] all = new byte[bytes.remaining()];
        bytes.duplicate().get(all);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(all))) {
            boolean more = in.readBoolean();
            List<ConnectorReport> reports = new ArrayList<>();
            for (int n = in.readInt(); n > 0; n--) {
                reports.add(ConnectorReport.read(in));
            }
            return new ConnectorReports(reports, more);
        } catch (IOException e) {
            throw new IllegalArgumentException("reports of connectors that are not whole", e);
        }
    }
}
