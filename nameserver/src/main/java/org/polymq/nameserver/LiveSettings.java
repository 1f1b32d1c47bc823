/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;

/**
 * The name server's settings that may be changed while it runs: this list and no other, all of them true or false. What
 * was changed is kept beside the key-values. Safe from any thread; changes block on the disk.
 */
final class LiveSettings {
    /** Whether routes carry a topic's order. */
    static final String ORDER = "orderMessageEnable";
    /** Whether a registering broker is given the orders of all topics. */
    static final String ORDER_TO_BROKERS = "returnOrderTopicConfigToBroker";
    /** Whether the list of all topics is given. */
    static final String ALL_TOPICS = "enableAllTopicList";
    /** Whether the lists of topics by cluster and by kind are given. */
    static final String TOPICS = "enableTopicList";

    private static final String NAMESPACE = "POLYMQ_NAMESRV_SETTINGS";
    private static final Map<String, Boolean> DEFAULTS =
            Map.of(ORDER, true, ORDER_TO_BROKERS, true, ALL_TOPICS, true, TOPICS, true);

    private final KvStore kv;

    LiveSettings(KvStore kv) {
        this.kv = kv;
    }

    boolean isOn(String name) {
        String changed = kv.get(NAMESPACE, name);
        return changed == null ? DEFAULTS.getOrDefault(name, false) : Boolean.parseBoolean(changed);
    }

    /** Whether a namespace of the key-value store is this list's own. */
    static boolean isOwn(String namespace) {
        return namespace.equals(NAMESPACE);
    }

    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        DEFAULTS.keySet().forEach(name -> values.put(name, Boolean.toString(isOn(name))));
        return values;
    }

    /** Changes settings; nothing is changed when one of them is not in the list. */
    void change(Map<String, String> changes) throws IOException {
        changes.forEach((name, value) -> {
            if (!DEFAULTS.containsKey(name)) {
                throw new BadRequestException(
                        ResponseCode.NO_PERMISSION,
                        "the setting " + name + " cannot be changed at run time; " + DEFAULTS.keySet() + " can");
            }
            if (!value.equals("true") && !value.equals("false")) {
                throw new BadRequestException(
                        ResponseCode.INVALID_PARAMETER, name + " has to be true or false, not " + value);
            }
        });
        for (Map.Entry<String, String> change : changes.entrySet()) {
            kv.put(NAMESPACE, change.getKey(), change.getValue());
        }
    }
}
