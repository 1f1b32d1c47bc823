/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.util.HashSet;
import java.util.Set;
import org.polymq.bridge.BridgeConfig.Entry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once when too much waits to be sent, and once when it does not any more. Confined to its bridge's lane. */
final class BacklogAlarm {
    private static final Logger LOG = LoggerFactory.getLogger(BacklogAlarm.class);

    private final BridgeConfig config;
    private final LocalLog local;
    private final Set<Entry> raised = new HashSet<>();

    BacklogAlarm(BridgeConfig config, LocalLog local) {
        this.config = config;
        this.local = local;
    }

    void look() {
        for (Entry entry : config.out()) {
            long backlog = local.backlog(entry.route().from());
            if (backlog >= config.alarmBacklog() && raised.add(entry)) {
                LOG.warn("bridge {}: {} messages of {} wait to be sent", config.name(), backlog, entry.text());
            } else if (backlog < config.alarmBacklog() / 2 && raised.remove(entry)) {
                LOG.info("bridge {}: {} messages of {} wait, fewer again", config.name(), backlog, entry.text());
            }
        }
    }
}
