/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

/** Which names and filters are of one group only. */
final class Places {
    private static final String QUEUE = "$queue/";
    private static final String SYSTEM = "$SYS";

    private Places() {}

    static boolean isQueue(String name) {
        return name.startsWith(QUEUE);
    }

    static String queueOf(String name) {
        return name.substring(QUEUE.length());
    }

    /** What a group says about itself: a client asks its home group. */
    static boolean isSystem(String name) {
        return name.startsWith(SYSTEM) && (name.length() == SYSTEM.length() || name.charAt(SYSTEM.length()) == '/');
    }

    static boolean isOfOneGroup(String name) {
        return isQueue(name) || isSystem(name);
    }
}
