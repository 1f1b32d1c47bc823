/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.Link.StoppedException;
import org.polymq.bridge.LinkState.Phase;
import org.polymq.bridge.remote.Outbound;
import org.polymq.bridge.remote.RefusedException;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.Sender;
import org.polymq.broker.connector.ConnectorCounters;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.subscription.Delivery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what a subscription keeps. A batch is sent whole before the next one begins, so that nothing overtakes a failed
 * message; the subscription advances only when the remote has acknowledged. While the remote is away nothing is held in
 * memory: the log keeps it.
 */
final class OutLink implements Link.Work {
    private static final Logger LOG = LoggerFactory.getLogger(OutLink.class);

    private final BridgeConfig config;
    private final Route route;
    private final String link;
    private final String origin;
    private final LocalLog local;
    private final Remote remote;
    private final LinkState state;
    private final Gate gate;
    private final ConnectorCounters counters;
    private final InstantSource clock;

    /** @param origin this broker, in trails */
    OutLink(
            BridgeConfig config,
            Route route,
            String link,
            String origin,
            LocalLog local,
            Remote remote,
            LinkState state,
            Gate gate,
            ConnectorCounters counters,
            InstantSource clock) {
        this.config = config;
        this.route = route;
        this.link = link;
        this.origin = origin;
        this.local = local;
        this.remote = remote;
        this.state = state;
        this.gate = gate;
        this.counters = counters;
        this.clock = clock;
    }

    /** A message, and what of it goes out. */
    private record Item(Delivery delivery, Outbound outbound) {}

    @Override
    public void run(Runnable progress) throws RemoteDownException, StoppedException, InterruptedException {
        local.keep(route.from());
        try (Sender sender = remote.openSender(link)) {
            if (state.is(Phase.CONNECTED, "")) {
                LOG.info("bridge {} is connected", link);
            }
            try (Intake intake = local.open(route.from(), 2 * config.batch(), 2 * config.batchBytes())) {
                while (true) {
                    gate.pass();
                    forward(sender, intake, intake.next(config.batch(), config.batchBytes()));
                    progress.run();
                }
            }
        }
    }

    private void forward(Sender sender, Intake intake, List<Delivery> batch)
            throws RemoteDownException, StoppedException, InterruptedException {
        List<Item> items = new ArrayList<>(batch.size());
        List<Delivery> nothingToSend = new ArrayList<>(0);
        for (Delivery delivery : batch) {
            StoredMessage stored = delivery.message();
            if (stored.isExpired(clock.millis())) {
                counters.skipped();
                nothingToSend.add(delivery);
            } else if (stored.bodyLength() > config.maxMessageSize()) {
                send(sender, intake, items);
                items.clear();
                refuse(
                        intake,
                        delivery,
                        "its body of " + stored.bodyLength() + " bytes exceeds the bridge's max-message-size, "
                                + config.maxMessageSize());
            } else {
                Outbound outbound = outbound(stored);
                if (outbound == null) {
                    counters.skipped();
                    nothingToSend.add(delivery);
                } else {
                    items.add(new Item(delivery, outbound));
                }
            }
        }
        send(sender, intake, items);
        intake.accept(nothingToSend);
    }

    private @Nullable Outbound outbound(StoredMessage stored) {
        Message message = stored.toMessage();
        Trail before = Trail.of(message);
        if (before.cameFrom(origin, config.remoteId()) || before.hops().size() >= config.maxHops()) {
            return null;
        }
        Trail trail = before.passed(origin) ? before : before.and(origin);
        return new Outbound(
                route.map(LocalNames.of(stored, route.from())),
                stored,
                trail.on(message).build(),
                trail.text());
    }

    private void send(Sender sender, Intake intake, List<Item> items)
            throws RemoteDownException, StoppedException, InterruptedException {
        List<Item> left = items;
        while (!left.isEmpty()) {
            try {
                sender.send(left.stream().map(Item::outbound).toList());
                accept(intake, left);
                return;
            } catch (RefusedException e) {
                settle(intake, left.subList(0, e.settled()), e);
                left = left.subList(e.settled(), left.size());
            }
        }
    }

    private void settle(Intake intake, List<Item> items, RefusedException refusal)
            throws StoppedException, InterruptedException {
        int from = 0;
        for (int i = 0; i < items.size(); i++) {
            String reason = refusal.reasons().get(i);
            if (reason != null) {
                accept(intake, items.subList(from, i));
                from = i + 1;
                refuse(intake, items.get(i).delivery(), reason);
            }
        }
        accept(intake, items.subList(from, items.size()));
    }

    private void accept(Intake intake, List<Item> items) {
        intake.accept(items.stream().map(Item::delivery).toList());
        counters.sent(items.size());
    }

    private void refuse(Intake intake, Delivery delivery, String reason) throws StoppedException, InterruptedException {
        switch (config.refused()) {
            case DEAD_LETTER -> {
                local.moveAside(intake, delivery, "bridge " + link + ": " + reason);
                counters.deadLetter();
            }
            case SKIP -> {
                counters.skipped();
                LOG.warn("bridge {} skips the message at {}: {}", link, delivery.position(), reason);
                intake.accept(List.of(delivery));
            }
            case STOP ->
                throw new StoppedException("the message at " + delivery.position() + " was refused: " + reason);
        }
    }
}
