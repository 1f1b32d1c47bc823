/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.polymq.bridge.Link.StoppedException;
import org.polymq.bridge.LinkState.Phase;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.subscription.DeadLetters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what a remote has, a batch at a time as one entry of the log, and acknowledges it there afterwards. While the
 * log here takes nothing, the remote keeps it.
 */
final class InLink implements Link.Work {
    private static final Logger LOG = LoggerFactory.getLogger(InLink.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Way way;
    private final BridgeConfig config;
    private final Backoff retry;

    /** @param retry how long to wait when the log here refuses for now */
    InLink(Way way, Backoff retry) {
        this.way = way;
        this.config = way.config();
        this.retry = retry;
    }

    @Override
    public void run(Runnable progress) throws RemoteDownException, StoppedException, InterruptedException {
        try (Receiver receiver =
                way.remote().openReceiver(way.link(), way.route().from().mqttName())) {
            way.connected();
            while (true) {
                way.gate().pass();
                List<Inbound> batch = receiver.receive(config.batch(), LOOK);
                if (!batch.isEmpty()) {
                    store(batch);
                    receiver.acknowledge();
                    progress.run();
                }
            }
        }
    }

    private void store(List<Inbound> batch) throws StoppedException, InterruptedException {
        List<Inbound> wanted = new ArrayList<>(batch.size());
        for (Inbound inbound : batch) {
            Trail trail = Trail.of(inbound.message());
            boolean known = config.namesBrokers() ? trail.visited(way.origin()) : trail.passed(way.origin());
            if (known || trail.hops().size() >= config.maxHops()) {
                way.counters().skipped();
            } else {
                wanted.add(inbound);
            }
        }
        storeAll(wanted);
    }

    /** As one entry; if something in it is refused, one after the other, so that the others are stored in order. */
    private void storeAll(List<Inbound> batch) throws StoppedException, InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        try {
            List<Outgoing> outgoing = new ArrayList<>(batch.size());
            batch.forEach(inbound -> outgoing.add(here(inbound)));
            persist(() -> way.local().store(outgoing));
            way.counters().received(batch.size());
        } catch (BrokerException e) {
            if (batch.size() > 1) {
                for (Inbound inbound : batch) {
                    storeAll(List.of(inbound));
                }
            } else {
                refuse(batch.get(0), String.valueOf(e.getMessage()));
            }
        }
    }

    private Outgoing here(Inbound inbound) {
        Message message = inbound.message();
        String problem = inbound.problem();
        if (problem != null) {
            throw new BrokerException(Reason.INVALID_MESSAGE, problem);
        }
        if (message.body().remaining() > config.maxMessageSize()) {
            throw new BrokerException(
                    Reason.MESSAGE_TOO_LARGE,
                    "a body of " + message.body().remaining() + " bytes exceeds the bridge's max-message-size, "
                            + config.maxMessageSize());
        }
        Trail trail = Trail.of(message).and(Trail.hop(way.origin(), config.remoteId()));
        return LocalNames.outgoing(trail.on(message), way.route().map(inbound.from()));
    }

    /** One attempt to store something. */
    private interface Store {
        void run() throws InterruptedException;
    }

    /**
     * Stores messages, however long it takes.
     *
     * @throws BrokerException if they would never be stored
     */
    private void persist(Store store) throws InterruptedException {
        while (true) {
            try {
                store.run();
                retry.reset();
                way.connected();
                return;
            } catch (BrokerException e) {
                if (isFinal(e)) {
                    throw e;
                }
                way.counters().error();
                way.counters().retry();
                if (way.state().is(Phase.DOWN, "the log here: " + e.getMessage())) {
                    LOG.warn("bridge {} waits for the log here: {}", way.link(), e.getMessage());
                }
                way.local().pause(retry.next());
            }
        }
    }

    // A limit that is reached now, such as a full queue, is back-pressure: the remote keeps the message meanwhile.
    private static boolean isFinal(BrokerException e) {
        return e.reason().caller() == Reason.Caller.CHANGES_REQUEST && e.reason() != Reason.LIMIT_EXCEEDED;
    }

    private void refuse(Inbound inbound, String reason) throws StoppedException, InterruptedException {
        switch (config.refused()) {
            case DEAD_LETTER -> {
                moveAside(inbound, reason);
                way.counters().deadLetter();
            }
            case SKIP -> {
                way.counters().skipped();
                LOG.warn("bridge {} skips a message of {}: {}", way.link(), inbound.from(), reason);
            }
            case STOP -> throw new StoppedException("a message of " + inbound.from() + " cannot be stored: " + reason);
        }
    }

    private void moveAside(Inbound inbound, String reason) throws StoppedException, InterruptedException {
        String from = inbound.from().mqttName();
        String why = "bridge " + way.link() + ": " + reason;
        Message message = inbound.message();
        String raw = message.nativeProperties();
        Message.Builder letter = message.toBuilder();
        if (raw == null) {
            List<Property> properties = new ArrayList<>(message.properties());
            properties.add(Property.of(NativeNames.DLQ_ORIGIN_TOPIC, from));
            properties.add(Property.of(DeadLetters.REASON, why));
            letter.origin(Origin.BROKER).properties(properties);
        } else {
            String marked = NativeProperties.with(raw, NativeNames.DLQ_ORIGIN_TOPIC, from);
            letter.nativeProperties(NativeProperties.with(marked, DeadLetters.REASON, why));
        }
        letter.durable(true).retain(false).expiresAt(0);
        try {
            Outgoing aside =
                    LocalNames.outgoing(letter, Destination.queue(way.local().deadLetters()));
            persist(() -> way.local().storeAside(aside));
        } catch (BrokerException e) {
            throw new StoppedException("a message of " + inbound.from() + " is refused here (" + reason
                    + ") and cannot be a dead letter either: " + e.getMessage());
        }
    }
}
