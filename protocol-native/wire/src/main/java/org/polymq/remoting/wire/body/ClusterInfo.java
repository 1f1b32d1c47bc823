/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.polymq.remoting.wire.JsonText;

/** All brokers and clusters: the body of code 106's answer. Its broker ids are bare numbers, which is no JSON. */
public record ClusterInfo(List<BrokerData> brokers) {
    public ClusterInfo {
        brokers = List.copyOf(brokers);
    }

    public byte[] encode() {
        JsonText out = new JsonText();
        out.open().name("brokerAddrTable").open();
        brokers.forEach(broker -> broker.write(out.name(broker.brokerName()), false));
        out.close().name("clusterAddrTable").open();
        clusters().forEach((cluster, names) -> {
            out.name(cluster).openList();
            names.forEach(out::value);
            out.closeList();
        });
        return out.close().close().bytes();
    }

    private Map<String, Set<String>> clusters() {
        Map<String, Set<String>> clusters = new LinkedHashMap<>();
        for (BrokerData broker : brokers) {
            clusters.computeIfAbsent(broker.cluster(), name -> new LinkedHashSet<>())
                    .add(broker.brokerName());
        }
        return clusters;
    }
}
