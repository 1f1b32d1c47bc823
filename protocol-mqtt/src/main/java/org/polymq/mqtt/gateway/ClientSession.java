/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.mqtt.ClientAliases;
import org.polymq.mqtt.MqttConfig;
import org.polymq.mqtt.wire.Ack;
import org.polymq.mqtt.wire.Connect;
import org.polymq.mqtt.wire.Disconnect;
import org.polymq.mqtt.wire.EncodedPublish;
import org.polymq.mqtt.wire.LargePublish;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.PayloadPart;
import org.polymq.mqtt.wire.Publish;
import org.polymq.mqtt.wire.ReasonCode;
import org.polymq.mqtt.wire.Subscribe;
import org.polymq.mqtt.wire.Subscription;
import org.polymq.mqtt.wire.Unsubscribe;

/**
 * One client's session in all groups: what the client sends goes to the groups that it concerns, what the groups send
 * goes to the client. While a group is opened or a queue is looked for, nothing more is read from the client, so that
 * nothing overtakes. Confined to the client's event loop.
 */
final class ClientSession implements GroupStream.Receiver {
    /** Acknowledgements that may be owed to the client before it is not read from. */
    private static final int MAX_WAITING = 4_096;

    private final GroupLinks links;
    private final EventLoop loop;
    private final GatewayConnection connection;
    private final Connect connect;
    private final ClientOutput output;
    private final Streams streams;
    private final Admission admission;
    private final ClientAliases aliases;
    private final Publishing publishing;
    private final Subscribing subscribing;
    private final Deliveries deliveries;
    /** Whether the home group has gone on with the session. */
    private boolean homeGoesOn;

    private boolean connected;
    private boolean waiting;
    /** The group that a large message of the client goes to. */
    private @Nullable GroupStream largeTo;
    /** The group whose large message the client is being sent. */
    private @Nullable GroupStream largeFrom;

    ClientSession(
            MqttGateway gateway,
            GatewayConnection connection,
            EventLoop loop,
            Connect connect,
            GatewayClient client,
            ClientOutput output) {
        MqttConfig config = gateway.config();
        this.links = gateway.links();
        this.loop = loop;
        this.connection = connection;
        this.connect = connect;
        this.output = output;
        this.streams = new Streams(links, loop, gateway.metrics());
        this.admission = new Admission(
                connect, client, links.placement().ofClient(connect.clientId()), streams, this, connection);
        this.aliases = new ClientAliases(config.topicAliasMaximum());
        this.publishing = new Publishing(output, config.receiveMaximum());
        this.subscribing = new Subscribing(output);
        this.deliveries = new Deliveries(
                output,
                connect.receiveMaximum(),
                streams.groups(),
                Math.min(connect.receiveMaximum(), config.maxInFlight()),
                Math.min(connect.topicAliasMaximum(), config.offers().serverTopicAliases()));
    }

    // ---- the way in

    /** Asks the home group to let the client in, and the others if they may have something of its session. */
    void begin() {
        admission.open(List.of(admission.home()), () -> {
            if (!connect.cleanStart() || admission.hadSession()) {
                homeGoesOn = !connect.cleanStart() && admission.isPresent();
                admission.open(all(), () -> admission.even(this::letIn));
            } else {
                letIn();
            }
        });
    }

    /** The client is let in without this group if the home group has its session: only what needs this one waits. */
    void leaderless() {
        if (homeGoesOn) {
            letIn();
        }
    }

    private void letIn() {
        if (connected) {
            return;
        }
        connected = true;
        connection.letIn(admission.connAck(), admission.keepAlive());
        deliveries.begin();
        resumeStreams();
        connection.resumeReading();
    }

    private List<Integer> all() {
        return IntStream.range(0, streams.groups()).boxed().toList();
    }

    /** An AUTH of the client, before or after it was let in. */
    void authenticate(ByteBuf raw) {
        home().send(raw);
    }

    private GroupStream home() {
        return stream(admission.home());
    }

    private GroupStream stream(int slot) {
        GroupStream stream = streams.get(slot);
        if (stream == null) {
            throw new IllegalStateException("no stream to group " + slot);
        }
        return stream;
    }

    // ---- from the client

    boolean mayRead() {
        if (waiting || publishing.waiting() >= MAX_WAITING || output.isFull()) {
            return false;
        }
        for (int slot = 0; slot < streams.groups(); slot++) {
            GroupStream stream = streams.get(slot);
            if (stream != null && !stream.isWritable()) {
                return false;
            }
        }
        return true;
    }

    void publish(Publish publish, ByteBuf raw) {
        String topic = aliases.topicOf(publish);
        place(publish, topic, raw, (slot, bytes) -> {
            if (publish.qos() > 0) {
                publishing.sends(slot, publish);
            }
            if (publish.topicAlias() == 0) {
                stream(slot).send(bytes);
                return;
            }
            EncodedPublish encoded = encode(publish, topic);
            ByteBuf out = Unpooled.buffer(encoded.size());
            encoded.writeTo(publish.packetId(), publish.dup(), out);
            stream(slot).send(out);
        });
    }

    private EncodedPublish encode(Publish publish, String topic) {
        return EncodedPublish.of(
                output.version(),
                topic,
                publish.qos(),
                publish.retain(),
                publish.properties(),
                List.of(),
                publish.payload());
    }

    /** The beginning of a large message. */
    void begin(LargePublish large, ByteBuf raw) {
        Publish head = large.head();
        String topic = aliases.topicOf(head);
        place(head, topic, raw, (slot, bytes) -> {
            if (head.qos() > 0) {
                publishing.sends(slot, head);
            }
            largeTo = stream(slot);
            if (head.topicAlias() == 0) {
                stream(slot).beginLarge(bytes);
                return;
            }
            EncodedPublish encoded = EncodedPublish.ofLarge(
                    output.version(),
                    topic,
                    head.qos(),
                    head.retain(),
                    head.properties(),
                    List.of(),
                    large.payloadLength(),
                    List.<java.nio.ByteBuffer>of()::iterator);
            ByteBuf out = Unpooled.buffer(encoded.headSize());
            encoded.writeHead(head.packetId(), head.dup(), out);
            stream(slot).beginLarge(out);
        });
    }

    void part(PayloadPart part, ByteBuf raw) {
        GroupStream to = largeTo;
        if (to == null) {
            throw new IllegalStateException("a payload without its message");
        }
        to.sendPart(raw, part.last());
        if (part.last()) {
            largeTo = null;
        }
    }

    private interface Placed {
        void at(int slot, ByteBuf raw);
    }

    private void place(Publish publish, String topic, ByteBuf raw, Placed then) {
        Integer known = publishing.slotOf(publish);
        if (known != null) {
            then.at(known, raw);
        } else if (Places.isQueue(topic)) {
            whenFound(List.of(Places.queueOf(topic)), raw, (slots, bytes) -> {
                int slot = slots.values().iterator().next();
                whenOpen(List.of(slot), bytes, then(slot, then));
            });
        } else {
            int slot = Places.isSystem(topic)
                    ? admission.home()
                    : links.placement().ofPath(topic);
            whenOpen(List.of(slot), raw, then(slot, then));
        }
    }

    private static Consumer<ByteBuf> then(int slot, Placed placed) {
        return bytes -> placed.at(slot, bytes);
    }

    /** Goes on at once if the groups have let the client in, else when they have. */
    private void whenOpen(List<Integer> slots, ByteBuf raw, Consumer<ByteBuf> then) {
        for (int slot : slots) {
            if (!admission.isOpen(slot)) {
                ByteBuf kept = Unpooled.copiedBuffer(raw);
                waiting = true;
                admission.open(slots, () -> later(() -> then.accept(kept)));
                return;
            }
        }
        then.accept(raw);
    }

    private interface Found {
        void at(Map<String, Integer> slots, ByteBuf raw);
    }

    /** Finds queues, at once if that is possible. */
    private void whenFound(List<String> queues, ByteBuf raw, Found then) {
        Map<String, CompletableFuture<Integer>> asked = new HashMap<>();
        for (String each : queues) {
            asked.computeIfAbsent(each, queue -> links.ofQueue(queue, loop).toCompletableFuture());
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(asked.values().toArray(new CompletableFuture<?>[0]));
        if (all.isDone() && !all.isCompletedExceptionally()) {
            then.at(slots(asked), raw);
            return;
        }
        ByteBuf kept = Unpooled.copiedBuffer(raw);
        waiting = true;
        all.whenComplete((found, failure) -> {
            if (failure != null) {
                connection.unreachable(-1, failure);
            } else {
                later(() -> then.at(slots(asked), kept));
            }
        });
    }

    private static Map<String, Integer> slots(Map<String, CompletableFuture<Integer>> found) {
        Map<String, Integer> slots = new HashMap<>();
        found.forEach((queue, slot) -> slots.put(queue, slot.join()));
        return slots;
    }

    /** What was waited for is there. */
    private void later(Runnable action) {
        if (connection.isClosed()) {
            return;
        }
        waiting = false;
        connection.guard(action);
        connection.resumeReading();
    }

    /** PUBACK, PUBREC, PUBREL or PUBCOMP of the client. */
    void acknowledge(Ack ack, ByteBuf raw) {
        if (ack.kind() == Ack.Kind.PUBREL) {
            release(ack, raw);
            return;
        }
        GroupStream stream = streams.get(deliveries.slotOf(ack));
        (stream == null ? home() : stream).send(raw);
        if (deliveries.answered(ack)) {
            resumeStreams();
        }
    }

    private void release(Ack ack, ByteBuf raw) {
        Integer slot = publishing.releases(ack.packetId());
        if (slot != null) {
            stream(slot).send(raw);
            return;
        }
        whenOpen(
                admission.asked(),
                raw,
                bytes -> { // from before this connection: nobody else knows
                    List<GroupStream> all = streams.all();
                    publishing.releasedBy(ack.packetId(), all.size());
                    all.forEach(each -> each.send(bytes));
                });
    }

    void subscribe(Subscribe packet, ByteBuf raw) {
        if (subscribing.isPending(packet.packetId())) {
            subscribing.refuse(packet, ReasonCode.PACKET_IDENTIFIER_IN_USE);
            return;
        }
        List<String> queues = packet.subscriptions().stream()
                .map(Subscription::filter)
                .filter(Places::isQueue)
                .map(Places::queueOf)
                .toList();
        whenFound(
                queues,
                raw,
                (slots, found) -> whenOpen(all(), found, bytes -> {
                    List<List<GroupStream>> places =
                            new ArrayList<>(packet.subscriptions().size());
                    for (Subscription each : packet.subscriptions()) {
                        places.add(places(each.filter(), slots));
                    }
                    subscribing.subscribe(packet, bytes, places);
                }));
    }

    private List<GroupStream> places(String filter, Map<String, Integer> queues) {
        if (Places.isQueue(filter)) {
            Integer slot = queues.get(Places.queueOf(filter));
            return List.of(stream(slot == null ? admission.home() : slot));
        }
        return Places.isSystem(filter) ? List.of(home()) : streams.all();
    }

    void unsubscribe(Unsubscribe packet, ByteBuf raw) {
        whenOpen(admission.asked(), raw, bytes -> subscribing.unsubscribe(packet, bytes, streams.all()));
    }

    /** The client takes its leave: all groups are told. */
    void disconnect(Disconnect packet, ByteBuf raw) {
        Long expiry = packet.sessionExpiry();
        Long before = connect.sessionExpiry();
        if (expiry != null && expiry != 0 && (before == null || before == 0)) { // MQTT 5, 3.14.2.2.2
            throw new PacketException(
                    ReasonCode.PROTOCOL_ERROR, "a session expiry in DISCONNECT for a session without one");
        }
        streams.all().forEach(each -> each.send(raw));
        deliveries.close();
        streams.finish();
    }

    /** The connection has ended in another way. */
    void close() {
        deliveries.close();
        streams.close();
    }

    // ---- from the groups

    /** The client takes bytes again, or more messages. */
    void resumeStreams() {
        for (int slot = 0; slot < streams.groups(); slot++) {
            GroupStream stream = streams.get(slot);
            if (stream != null) {
                stream.decode();
            }
        }
    }

    @Override
    public boolean takes(GroupStream from) {
        if (connection.isClosed()) {
            return false;
        }
        if (!connected || !admission.isOpen(from.slot())) {
            return admission.awaits(from);
        }
        return (largeFrom == null || largeFrom == from) && output.isWritable();
    }

    @Override
    public boolean packet(GroupStream from, ByteBuf frame) {
        if (!admission.isOpen(from.slot()) || (!connected && !admission.isEvening())) {
            admission.packet(from, frame);
            return true;
        }
        switch (Frames.type(frame)) {
            case 3 -> {
                return deliveries.publish(from.slot(), frame);
            }
            case 4 -> acknowledged(from, 1, frame);
            case 5 -> acknowledged(from, 2, frame);
            case 6 -> {
                deliveries.known(from.slot(), Frames.packetId(frame));
                output.pass(frame);
            }
            case 7 -> publishing.completed(frame);
            case 9 -> {
                if (admission.awaits(from)) {
                    admission.confirmed(from);
                } else {
                    subscribing.answered(from, true, frame);
                }
            }
            case 11 -> subscribing.answered(from, false, frame);
            case 14 -> connection.farewell(frame);
            case 15 -> output.pass(frame);
            default -> throw new IllegalStateException("a packet of type " + Frames.type(frame) + " from a group");
        }
        return true;
    }

    private void acknowledged(GroupStream from, int qos, ByteBuf frame) {
        boolean wasFull = publishing.waiting() >= MAX_WAITING;
        publishing.answered(from.slot(), qos, frame);
        if (wasFull && publishing.waiting() < MAX_WAITING) {
            connection.resumeReading();
        }
    }

    @Override
    public boolean begins(GroupStream from, ByteBuf head) {
        if (!connected || !deliveries.begins(from.slot(), head)) {
            return false;
        }
        largeFrom = from;
        output.beginLarge();
        return true;
    }

    @Override
    public void part(GroupStream from, ByteBuf part, boolean last) {
        output.passPart(part, last);
        if (last) {
            largeFrom = null;
            loop.execute(this::resumeStreams);
            connection.resumeReading();
        }
    }

    @Override
    public void opened(GroupStream stream) {
        admission.opened(stream);
    }

    @Override
    public void lost(GroupStream stream) {
        connection.lost(stream);
    }

    @Override
    public void writable() {
        connection.resumeReading();
    }
}
