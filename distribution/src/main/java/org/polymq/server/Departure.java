/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.polymq.replication.RaftGroup;
import org.polymq.storage.GroupLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node gives its lead away so that no client loses a send: nothing more is read from clients, what was read is
 * answered, and then another node takes over. RocketMQ clients go on sending to the old address until they ask a name
 * server again, so a node that stops passes them on for that long. Used by one thread at a time, except where it says
 * otherwise.
 */
final class Departure {
    private static final Logger log = LoggerFactory.getLogger(Departure.class);

    /** How long what is on its way through the group may take before the lead is given away. */
    private static final Duration QUIET = Duration.ofMillis(500);
    /** How long another node may take to serve. */
    private static final Duration HAND_OVER = Duration.ofSeconds(5);

    /** How long a node that stops waits for a leader that it can pass clients on to: its vote may be needed. */
    private static final Duration ALONE = Duration.ofSeconds(15);

    private static final long LOOK_MILLIS = 50;

    private final Ports ports;
    private final RaftGroup group;
    private final GroupLog groupLog;
    private final BooleanSupplier servedElsewhere;
    private final Duration drain;
    private final CountDownLatch hurry;
    private volatile CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile long lastLed;
    private volatile boolean hasLed;

    /**
     * Of one node.
     *
     * @param servedElsewhere whether another node is known that leads and serves clients
     * @param drain how long after it led a node that stops passes clients on
     * @param hurry at zero nothing is waited for any more
     */
    Departure(
            Ports ports,
            RaftGroup group,
            GroupLog groupLog,
            BooleanSupplier servedElsewhere,
            Duration drain,
            CountDownLatch hurry) {
        this.ports = ports;
        this.group = group;
        this.groupLog = groupLog;
        this.servedElsewhere = servedElsewhere;
        this.drain = drain;
        this.hurry = hurry;
    }

    /** This node does not lead any more. Any thread. */
    void ended() {
        lastLed = System.nanoTime();
        hasLed = true;
        over.complete(null);
    }

    /**
     * Has another node take the lead, the one that has most of the log or the one named; returns when this one has let
     * go of it.
     *
     * @throws IllegalStateException if the group refuses; clients are served on
     */
    synchronized void handOver(Optional<String> member) throws InterruptedException {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        over = ended;
        ports.pause();
        boolean done = false;
        try {
            if (!groupLog.awaitQuiet(QUIET)) {
                log.info("the lead is given away while something is still on its way through the group");
            }
            group.transferTo(member);
            ended.get(HAND_OVER.toMillis(), TimeUnit.MILLISECONDS);
            done = true; // who follows reads again
        } catch (TimeoutException | ExecutionException e) {
            throw new IllegalStateException("the lead was not given away within " + HAND_OVER.toSeconds() + " s", e);
        } finally {
            if (!done) {
                ports.resume();
            }
        }
    }

    /** The same for one member, on a thread of its own. Any thread. */
    CompletableFuture<Void> handOverTo(String member) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        handOver(Optional.of(member));
                        done.complete(null);
                    } catch (IllegalStateException | InterruptedException e) {
                        done.completeExceptionally(e);
                    }
                },
                "polymq-hand-over");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    /** Leaves: gives the lead away if this node has it, and passes clients on until they know the next one. */
    void leave() throws InterruptedException {
        group.leave();
        if (group.term() != 0) {
            ports.stopAccepting(Ports.MQTT, Ports.MQTT_TLS, Ports.WEBSOCKET); // any other node will do for those
            giveAway();
        }
        passOn();
        if (group.term() != 0) { // it came back meanwhile
            giveAway();
        }
    }

    private void giveAway() throws InterruptedException {
        long end = System.nanoTime() + HAND_OVER.toNanos();
        while (group.term() != 0 || !servedElsewhere.getAsBoolean()) {
            if (group.term() != 0) {
                if (group.alive().size() < 2) {
                    log.info("no other node is there to take the lead");
                    return;
                }
                try {
                    handOver(Optional.empty());
                } catch (IllegalStateException e) {
                    log.info("the lead cannot be given away: {}", e.getMessage());
                }
            }
            if (hurry.await(LOOK_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                return;
            }
        }
    }

    private void passOn() throws InterruptedException {
        long end = lastLed + drain.toNanos();
        int clients = ports.connections(NativeForward.NAME);
        if (!hasLed || clients == 0 || System.nanoTime() >= end) {
            return;
        }
        log.info(
                "{} connections of RocketMQ clients are passed on for up to {} s, until those know the new leader"
                        + " (cluster.drain; a second signal ends it)",
                clients,
                (end - System.nanoTime()) / 1_000_000_000 + 1);
        long alone = System.nanoTime() + ALONE.toNanos();
        while (System.nanoTime() < end && ports.connections(NativeForward.NAME) > 0) {
            long now = System.nanoTime();
            if (servedElsewhere.getAsBoolean()) {
                alone = now + ALONE.toNanos();
            } else if (now > alone) {
                log.info("there is no leader to pass clients on to");
                return;
            }
            if (hurry.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }
}
