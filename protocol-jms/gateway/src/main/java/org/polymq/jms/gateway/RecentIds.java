/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.LinkedHashSet;
import java.util.Set;

/** The ids of a client's latest messages to temporary destinations, which no log remembers. Safe from any thread. */
final class RecentIds {
    /** More than a client has unanswered when its connection breaks, as a rule. */
    private static final int MOST = 4_096;

    private final Set<String> ids = new LinkedHashSet<>(); // guarded by this

    synchronized void add(String id) {
        ids.add(id);
        if (ids.size() > MOST) {
            ids.remove(ids.iterator().next());
        }
    }

    synchronized boolean contains(String id) {
        return ids.contains(id);
    }
}
