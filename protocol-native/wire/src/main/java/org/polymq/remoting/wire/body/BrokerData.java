/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonText;

/** The addresses of a broker by id; id 0 takes sends. */
public record BrokerData(String cluster, String brokerName, SortedMap<Long, String> addresses) {
    public BrokerData {
        addresses = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
    }

    static BrokerData of(JSONObject json) {
        SortedMap<Long, String> addresses = new TreeMap<>();
        for (Map.Entry<String, Object> entry :
                JsonFields.object(json, "brokerAddrs").entrySet()) {
            if (!(entry.getValue() instanceof String address)) {
                throw JsonFields.wrong("brokerAddrs", "an object of strings");
            }
            addresses.put(id(entry.getKey()), address);
        }
        return new BrokerData(JsonFields.string(json, "cluster", ""), JsonFields.string(json, "brokerName"), addresses);
    }

    private static long id(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw BadRequestException.field("the broker id " + text + " is no number");
        }
    }

    /** Writes this with quoted ids (standard JSON) or bare ones (as fastjson does, for older clients). */
    void write(JsonText out, boolean standard) {
        out.open().name("brokerAddrs").open();
        addresses.forEach((id, address) -> {
            if (standard) {
                out.name(Long.toString(id));
            } else {
                out.bareName(id);
            }
            out.value(address);
        });
        out.close().name("brokerName").value(brokerName);
        out.name("cluster").value(cluster);
        out.name("enableActingMaster").value(false).close();
    }
}
