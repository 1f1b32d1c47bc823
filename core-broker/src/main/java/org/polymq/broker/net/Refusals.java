/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.broker.net.NetMetrics.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes connections that may not go on: each is counted, and of a flood of them one a second is logged. */
final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(Refusals.class);
    private static final long LOG_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private final String name;
    private final Limits limits;
    private final NetMetrics metrics;
    private final AtomicLong nextLog = new AtomicLong(System.nanoTime());

    /** @param name of the listener, in metrics and the log */
    Refusals(String name, Limits limits, NetMetrics metrics) {
        this.name = name;
        this.limits = limits;
        this.metrics = metrics;
    }

    void refuse(Channel channel, Refusal refusal) {
        count(channel, refusal);
        channel.close();
    }

    /** Counts and logs only: who asks says no and closes. */
    void count(Channel channel, Refusal refusal) {
        metrics.refused(name, refusal);
        if (mayLog()) {
            log.info("{}: closed the connection from {}: {}", name, ClientAddress.of(channel), describe(refusal));
        }
    }

    private boolean mayLog() {
        long now = System.nanoTime();
        long next = nextLog.get();
        return now - next >= 0 && nextLog.compareAndSet(next, now + LOG_PAUSE_NANOS);
    }

    private String describe(Refusal refusal) {
        return switch (refusal) {
            case TOO_MANY -> "the limit of " + limits.connections() + " connections is reached";
            case TOO_MANY_IN_CLUSTER ->
                "the limit of " + limits.clusterConnections() + " connections of the cluster is reached";
            case TOO_MANY_FROM_ADDRESS ->
                "the limit of " + limits.connectionsPerAddress() + " connections from one address is reached";
            case TOO_FAST -> "more than " + limits.connectionRate() + " new connections in a second";
            case SILENT ->
                "no protocol to be seen within " + limits.login().firstBytes().toMillis() + " ms";
            case PLAINTEXT -> "it is not encrypted, and this listener takes TLS only";
            case NO_HANDSHAKE ->
                "no handshake within " + limits.login().handshake().toMillis() + " ms";
            case LOGIN_TOO_LARGE -> "it sent too many bytes before it had logged in";
            case LOGINS_TOO_LARGE ->
                "connections that have not logged in yet hold " + limits.login().memory() + " bytes already";
        };
    }
}
