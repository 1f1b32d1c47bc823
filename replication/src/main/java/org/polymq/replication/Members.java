/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.PeerId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a group, as it stands in the log: four lists of addresses, separated by line feeds: members, members before
 * the change, learners, learners before it.
 */
final class Members {
    private Members() {}

    static ByteBuffer encode(LogEntry entry) {
        String text = String.join(
                "\n",
                line(entry.getPeers()),
                line(entry.getOldPeers()),
                line(entry.getLearners()),
                line(entry.getOldLearners()));
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String line(@Nullable List<PeerId> peers) {
        return peers == null
                ? ""
                : String.join(",", peers.stream().map(PeerId::toString).toList());
    }

    static void decode(ByteBuffer body, LogEntry into) {
        String[] lines = UTF_8.decode(body.duplicate()).toString().split("\n", -1);
        into.setPeers(peers(lines[0]));
        into.setOldPeers(orNull(peers(lines[1])));
        into.setLearners(orNull(peers(lines[2])));
        into.setOldLearners(orNull(peers(lines[3])));
    }

    private static List<PeerId> peers(String line) {
        List<PeerId> peers = new ArrayList<>();
        for (String each : line.split(",", -1)) {
            if (!each.isEmpty()) {
                peers.add(PeerId.parsePeer(each));
            }
        }
        return peers;
    }

    private static @Nullable List<PeerId> orNull(List<PeerId> peers) {
        return peers.isEmpty() ? null : peers;
    }

    /** The engine's view of such an entry. */
    static ConfigurationEntry entry(LogEntry entry) {
        Configuration old = entry.getOldPeers() == null
                ? new Configuration()
                : new Configuration(entry.getOldPeers(), entry.getOldLearners());
        return new ConfigurationEntry(entry.getId(), new Configuration(entry.getPeers(), entry.getLearners()), old);
    }
}
