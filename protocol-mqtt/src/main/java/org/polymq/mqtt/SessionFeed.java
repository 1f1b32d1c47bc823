/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.message.TopicFilter;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.session.OutboundPacket;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.subscription.Delivery;
import org.polymq.mqtt.MqttMetrics.Drop;
import org.polymq.mqtt.wire.EncodedPublish;

/**
 * The messages of a persistent session. QoS 2 packet identifiers are in the log; those of QoS 1 are remembered from one
 * connection to the next as long as the broker runs. Confined to the connection's event loop.
 */
final class SessionFeed extends ConsumerFeed {
    private static final int CACHED_NAMES = 1_000;

    private final DurableSession session;
    private final MessageReader messages;
    private final Map<String, SubscriptionOptions> filters = new HashMap<>();
    private final Map<String, List<SubscriptionOptions>> matchesByName = new LinkedHashMap<>();
    /** QoS 2 messages sent before this connection and not received, by log position: their delivery is to come. */
    private final Map<Long, InFlight> resumed = new HashMap<>();
    /** Positions among these that the client has received before their delivery came. */
    private final Set<Long> receivedEarly = new HashSet<>();
    /** QoS 1 packet identifiers of the connection before, by log position. */
    private final Map<Long, Integer> parked;

    /** QoS 2 messages whose packet identifiers are on their way into the log. */
    private List<Unassigned> unassigned = new ArrayList<>();

    private record Unassigned(EncodedPublish publish, InFlight message, long position) {}

    SessionFeed(DurableSession session, MessageReader messages, Sender sender, Map<Long, Integer> parked) {
        super(sender);
        this.session = session;
        this.messages = messages;
        this.parked = new HashMap<>(parked);
        session.filters().forEach((filter, bytes) -> filters.put(filter, SubscriptionOptions.ofBytes(filter, bytes)));
    }

    /** What is not in the log yet is sent to the next connection. */
    @Override
    void beforeClose() {
        unassigned.clear();
    }

    /** The session's filters, those that clients compete for included. */
    Map<String, SubscriptionOptions> filters() {
        return filters;
    }

    /** Answers the options that the filter had before, if any. */
    @Nullable
    SubscriptionOptions put(SubscriptionOptions options) {
        matchesByName.clear();
        return filters.put(options.filter(), options);
    }

    /** Answers the options that the filter had, if any. */
    @Nullable
    SubscriptionOptions remove(String filter) {
        matchesByName.clear();
        return filters.remove(filter);
    }

    /** Sends again what the client had of QoS 2, then takes new messages. MQTT 5, 4.4. */
    void begin() {
        for (OutboundPacket packet : session.outbound()) {
            sender().window().reserve(packet.packetId());
        }
        parked.values().forEach(sender().window()::reserve);
        for (OutboundPacket packet : session.outbound()) {
            if (packet.received()) {
                sender().release(packet.packetId(), this, null);
            } else if (packet.retained() || !packet.filter().isEmpty()) {
                sendOwnAgain(packet);
            } else {
                sendAgain(packet);
            }
        }
        start(session.attach(this));
        consumer().poll(this::forgetParked);
    }

    private void forgetParked() {
        parked.clear();
        sender().window().unreserveAll();
    }

    /** A message that no delivery of this feed stands for. */
    private void sendOwnAgain(OutboundPacket packet) {
        try {
            StoredMessage message = messages.read(packet.position());
            SubscriptionOptions options = filters.get(packet.filter());
            boolean asPublished = options != null && options.retainAsPublished();
            int identifier = options == null ? 0 : options.identifier();
            String name = message.address().name();
            EncodedPublish publish = sender().encode(
                            message,
                            Competing.isQueue(packet.filter()) ? packet.filter() : name,
                            packet.qos(),
                            packet.retained() || (message.isRetain() && asPublished),
                            identifier == 0 ? List.of() : List.of(identifier));
            if (publish != null
                    && sender().resend(publish, packet.packetId(), new OwnedPackets(session), packet.position())
                            != null) {
                return;
            }
        } catch (BrokerException unreadable) {
            sender().metrics().dropped(Drop.UNREADABLE);
        }
        session.completed(packet.packetId(), ignored());
    }

    private void sendAgain(OutboundPacket packet) {
        try {
            StoredMessage message = messages.read(packet.position());
            Routed routed = route(message);
            Match match = routed == null ? new Match(2, false, List.of()) : routed.match();
            EncodedPublish publish = sender().encode(
                            message,
                            message.address().name(),
                            2,
                            message.isRetain() && match.retainAsPublished(),
                            match.identifiers());
            if (publish != null) {
                InFlight sent = sender().resend(publish, packet.packetId(), this, packet.position());
                if (sent != null) {
                    resumed.put(packet.position(), sent);
                    return;
                }
            }
        } catch (BrokerException unreadable) {
            sender().metrics().dropped(Drop.UNREADABLE);
        }
        session.completed(packet.packetId(), ignored());
    }

    @Override
    boolean resume(Delivery delivery) {
        InFlight sent = resumed.remove(delivery.position());
        if (sent != null) {
            sent.ticket = delivery;
            return true;
        }
        if (receivedEarly.remove(delivery.position())) {
            accept(delivery);
            return true;
        }
        Integer packetId = parked.remove(delivery.position());
        if (packetId == null) {
            return false;
        }
        EncodedPublish publish = encode(delivery);
        if (publish == null || publish.qos() != 1 || sender().resend(publish, packetId, this, delivery) == null) {
            accept(delivery);
        }
        return true;
    }

    @Override
    boolean sendUnanswered(EncodedPublish publish, Delivery delivery) {
        if (publish.qos() == 1) {
            return super.sendUnanswered(publish, delivery);
        }
        InFlight opened = sender().open(publish, this, delivery);
        if (opened == null) {
            return false;
        }
        unassigned.add(new Unassigned(publish, opened, delivery.position()));
        sender().outbox().flushSoon();
        return true;
    }

    /** QoS 2 packet identifiers are in the log before their packets leave. */
    @Override
    void flushMore() {
        if (unassigned.isEmpty()) {
            return;
        }
        List<Unassigned> now = unassigned;
        unassigned = new ArrayList<>();
        List<OutboundPacket> packets = now.stream()
                .map(each -> OutboundPacket.of(each.message().packetId, each.position()))
                .toList();
        session.assign(
                packets,
                Reply.of(
                        done -> now.forEach(each -> sender().sendOpened(each.publish(), each.message())),
                        sender()::notAssigned));
    }

    @Override
    public void acknowledged(InFlight message) {
        super.acknowledged(message);
        if (message.qos == 2) { // refused by PUBREC
            session.completed(message.packetId, ignored());
            settleEarly(message);
        }
    }

    @Override
    public void received(InFlight message, Runnable release) {
        Reply<Done> reply = Reply.of(stored -> release.run(), refused -> {});
        if (message.ticket instanceof Delivery delivery) {
            message.ticket = null;
            sender().following().acknowledged(List.of(delivery), "");
            session.received(message.packetId, consumer(), delivery, reply);
            free(delivery);
        } else if (message.ticket instanceof Long position) {
            settleEarly(message);
            session.received(message.packetId, position, reply);
        }
    }

    private void settleEarly(InFlight message) {
        if (message.ticket instanceof Long position) {
            message.ticket = null;
            resumed.remove(position);
            receivedEarly.add(position);
        }
    }

    @Override
    public void completed(InFlight message) {
        session.completed(message.packetId, ignored());
    }

    /** The QoS 1 packet identifiers that the client has not answered, by log position. */
    Map<Long, Integer> unanswered() {
        Map<Long, Integer> unanswered = new HashMap<>();
        for (InFlight each : sender().window().all()) {
            if (each.qos == 1 && each.source == this && each.ticket instanceof Delivery delivery) {
                unanswered.put(delivery.position(), each.packetId);
            }
        }
        return unanswered;
    }

    @Override
    @Nullable
    Routed route(StoredMessage message) {
        String name = message.address().name();
        List<SubscriptionOptions> matching = matching(name);
        boolean own = Match.dependsOnPublisher(matching)
                && message.origin() == Origin.MQTT
                && session.clientId().equals(message.producer());
        Match match = Match.of(matching, own);
        return match == null ? null : new Routed(name, match);
    }

    private List<SubscriptionOptions> matching(String name) {
        List<SubscriptionOptions> known = matchesByName.get(name);
        if (known != null) {
            return known;
        }
        List<SubscriptionOptions> found = new ArrayList<>(1);
        for (SubscriptionOptions each : filters.values()) {
            if (!Competing.isOne(each.filter()) && TopicFilter.of(each.filter()).matches(name)) {
                found.add(each);
            }
        }
        if (matchesByName.size() >= CACHED_NAMES) {
            matchesByName.clear();
        }
        matchesByName.put(name, found);
        return found;
    }

    private static Reply<Done> ignored() {
        // Refused means that another connection has the session now: its own records decide.
        return Reply.of(stored -> {}, refused -> {});
    }
}
