/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.Link.StoppedException;
import org.polymq.bridge.remote.Outbound;
import org.polymq.bridge.remote.RefusedException;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.Sender;
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

    private final Way way;
    private final BridgeConfig config;
    private final InstantSource clock;

    OutLink(Way way, InstantSource clock) {
        this.way = way;
        this.config = way.config();
        this.clock = clock;
    }

    /** A message, and what of it goes out. */
    private record Item(Delivery delivery, Outbound outbound) {}

    @Override
    public void run(Runnable progress) throws RemoteDownException, StoppedException, InterruptedException {
        way.local().keep(way.route().from());
        try (Sender sender = way.remote().openSender(way.link())) {
            way.connected();
            try (Intake intake = way.local().open(way.route().from(), 2 * config.batch(), 2 * config.batchBytes())) {
                while (true) {
                    way.gate().pass();
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
                way.counters().skipped();
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
                    way.counters().skipped();
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
        if (before.cameRound(way.origin())
                || before.cameFrom(way.origin(), config.remoteId())
                || (config.namesBrokers() && before.visited(config.remoteId()))
                || before.hops().size() >= config.maxHops()) {
            return null;
        }
        Trail trail = before.passed(way.origin()) ? before : before.and(way.origin());
        return new Outbound(
                way.route().map(LocalNames.of(stored, way.route().from())),
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
        way.counters().sent(items.size());
    }

    private void refuse(Intake intake, Delivery delivery, String reason) throws StoppedException, InterruptedException {
        switch (config.refused()) {
            case DEAD_LETTER -> {
                way.local().moveAside(intake, delivery, "bridge " + way.link() + ": " + reason);
                way.counters().deadLetter();
            }
            case SKIP -> {
                way.counters().skipped();
                LOG.warn("bridge {} skips the message at {}: {}", way.link(), delivery.position(), reason);
                intake.accept(List.of(delivery));
            }
            case STOP ->
                throw new StoppedException("the message at " + delivery.position() + " was refused: " + reason);
        }
    }
}
