/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.client.Outgoing;
import org.polymq.tck.client.Protocol;
import org.polymq.tck.client.Publisher;
import org.polymq.tck.client.RefusedException;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.server.Endpoints;

/**
 * Publishes to one topic, one acknowledged message after the other, until it is told to stop. What fails without an
 * answer stays unknown in the ledger and is not repeated; a broken client is replaced.
 */
final class PublishLoop {
    private static final Duration RETRY = Duration.ofMillis(100);

    private final Endpoints server;
    private final Protocol protocol;
    private final String topic;
    private final Ledger ledger;
    private final boolean refusalsCount;
    private final Duration rest;
    private final AtomicLong failures = new AtomicLong();
    private volatile String lastFailure = "";
    private final Set<Long> unanswered = ConcurrentHashMap.newKeySet();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Loop loop;
    private @Nullable Publisher publisher;

    PublishLoop(Endpoints server, Protocol protocol, String topic, Ledger ledger) {
        this(server, protocol, topic, ledger, true, Duration.ZERO);
    }

    /**
     * For one topic.
     *
     * @param refusalsCount whether what is refused must not reach anybody
     * @param rest between an acknowledgement and the next message
     */
    PublishLoop(
            Endpoints server, Protocol protocol, String topic, Ledger ledger, boolean refusalsCount, Duration rest) {
        this.refusalsCount = refusalsCount;
        this.rest = rest;
        this.server = server;
        this.protocol = protocol;
        this.topic = topic;
        this.ledger = ledger;
        this.loop = new Loop("publishes to " + topic, this::one, this::discard);
    }

    /** The stream of the ledger that it publishes. */
    String stream() {
        return topic;
    }

    void start() {
        loop.start();
    }

    /** Messages acknowledged so far. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Sends so far that the client gave up, and why the last one failed. */
    String failures() {
        long count = failures.get();
        return count == 0 ? "0" : count + " (" + lastFailure + ")";
    }

    /**
     * How many sends failed. Paho ends its wait for an answer when the connection is lost, and sends the message again
     * by itself; so of MQTT those count that did not arrive.
     *
     * @param reader a subscriber of this stream
     */
    long failed(String reader) {
        Set<Long> arrived = ledger.numbers(reader, topic);
        return unanswered.stream()
                .filter(number -> !protocol.name().startsWith("mqtt") || !arrived.contains(number))
                .count();
    }

    /** The longest time between two acknowledgements since a moment, ms. */
    long longestGap(long moment) {
        long before = moment;
        long longest = 0;
        for (long at : ledger.acknowledgements(topic).values().stream().sorted().toList()) {
            if (at > moment) {
                longest = Math.max(longest, at - before);
                before = at;
            }
        }
        return longest / 1_000_000;
    }

    /** Ends after the message in hand and waits for that. */
    void stop() throws InterruptedException {
        loop.stop();
    }

    /** The same without waiting. */
    void halt() {
        loop.halt();
    }

    private void one() throws InterruptedException {
        Publisher open = publisher;
        try {
            if (open == null) {
                open = protocol.publisher(server, topic + "-publisher", topic);
                publisher = open;
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception unreachable) {
            Pause.of(RETRY);
            return;
        }
        Stamp stamp = ledger.next(topic);
        try {
            open.publish(Outgoing.of(stamp.body(ThreadLocalRandom.current().nextInt(64, 2_048)))
                    .withGroupKey("k"));
            ledger.acknowledged(stamp);
            acknowledged.incrementAndGet();
            Pause.of(rest);
        } catch (InterruptedException e) {
            throw e;
        } catch (RefusedException e) {
            if (refusalsCount) {
                ledger.refused(stamp, String.valueOf(e.getMessage()));
            }
            failed(stamp, e);
            Pause.of(RETRY);
        } catch (Exception unknown) {
            failed(stamp, unknown);
            if (!protocol.reconnects()) {
                discard();
            }
            Pause.of(RETRY);
        }
    }

    private void failed(Stamp stamp, Exception cause) {
        unanswered.add(stamp.number());
        failures.incrementAndGet();
        lastFailure = cause.toString();
    }

    private void discard() {
        Publisher open = publisher;
        publisher = null;
        if (open != null) {
            try {
                open.close();
            } catch (RuntimeException e) {
                System.err.println("closing a publisher of " + topic + ": " + e);
            }
        }
    }
}
