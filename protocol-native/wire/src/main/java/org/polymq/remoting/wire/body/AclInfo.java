/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.ArrayList;
import java.util.List;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * What a subject may do, as RocketMQ's tools know it.
 *
 * @param subject {@code User:NAME}
 */
public record AclInfo(String subject, List<Entry> entries) {
    public AclInfo {
        entries = List.copyOf(entries);
    }

    /**
     * One line.
     *
     * @param resource such as {@code Topic:orders}
     * @param actions such as {@code Pub}
     * @param sourceIps addresses it is restricted to
     * @param decision {@code Allow} or {@code Deny}
     */
    public record Entry(String resource, List<String> actions, List<String> sourceIps, String decision) {
        public Entry {
            actions = List.copyOf(actions);
            sourceIps = List.copyOf(sourceIps);
        }

        static Entry of(JSONObject json) {
            return new Entry(
                    JsonFields.string(json, "resource"),
                    JsonFields.strings(json, "actions"),
                    JsonFields.strings(json, "sourceIps"),
                    JsonFields.string(json, "decision", "Allow"));
        }

        void write(JsonText out) {
            out.open().name("actions").texts(actions);
            out.name("decision").value(decision);
            out.name("resource").value(resource);
            out.name("sourceIps").texts(sourceIps).close();
        }
    }

    /** The body of codes 3006 and 3007. */
    public static AclInfo of(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        List<Entry> entries = new ArrayList<>();
        JsonFields.objects(json, "policies", policy -> policy)
                .forEach(policy -> entries.addAll(JsonFields.objects(policy, "entries", Entry::of)));
        return new AclInfo(JsonFields.string(json, "subject", ""), entries);
    }

    /** Writes this as a value. */
    public void write(JsonText out) {
        out.open().name("policies").openList();
        out.open().name("entries").openList();
        entries.forEach(entry -> entry.write(out));
        out.closeList().name("policyType").value("Custom").close();
        out.closeList().name("subject").value(subject).close();
    }
}
