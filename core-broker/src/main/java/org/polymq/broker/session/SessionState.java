/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A persistent MQTT session as the log knows it. Changed by apply; safe to read from any thread. */
final class SessionState {
    /** {@link #expirySeconds} of a session that never expires. */
    static final long NEVER = 0xFFFFFFFFL;

    final String clientId;
    /** The user that made it; empty if that was while security was off. */
    volatile String owner = "";

    volatile long epoch;
    volatile long expirySeconds;
    /** When its connection ended, ms since the epoch; 0 while it is connected or nobody knows. */
    volatile long leftAt;
    /** Options by filter, opaque here. */
    final Map<String, byte[]> filters = new ConcurrentHashMap<>(4);
    /** QoS 2 packet ids received and not released. */
    final Set<Integer> received = ConcurrentHashMap.newKeySet(2);
    /** QoS 2 packets sent and not completed, by packet id. */
    final Map<Integer, OutboundPacket> outbound = new ConcurrentSkipListMap<>();

    SessionState(String clientId, long epoch, long expirySeconds) {
        this.clientId = clientId;
        this.epoch = epoch;
        this.expirySeconds = expirySeconds;
    }
}
