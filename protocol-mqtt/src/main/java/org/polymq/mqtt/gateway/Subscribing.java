/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.mqtt.wire.ClientEncoder;
import org.polymq.mqtt.wire.MqttVersion;
import org.polymq.mqtt.wire.Packet;
import org.polymq.mqtt.wire.ReasonCode;
import org.polymq.mqtt.wire.ServerPackets;
import org.polymq.mqtt.wire.SubAck;
import org.polymq.mqtt.wire.Subscribe;
import org.polymq.mqtt.wire.Subscription;
import org.polymq.mqtt.wire.UnsubAck;
import org.polymq.mqtt.wire.Unsubscribe;

/**
 * SUBSCRIBE and UNSUBSCRIBE of a client in all groups that they concern: one answer when all have answered. A
 * subscription that one group refuses is taken back in the others. Confined to the client's event loop.
 */
final class Subscribing {
    private final ClientOutput output;
    private final MqttVersion version;
    private final IntObjectMap<Request> requests = new IntObjectHashMap<>(2);

    /** One SUBSCRIBE or UNSUBSCRIBE on its way. */
    private static final class Request {
        private final int packetId;
        private final boolean subscribes;
        private final List<String> filters;
        private final @Nullable ReasonCode[] reasons;
        /** Which filters each group was asked for; the ones that are to answer. */
        private final Map<GroupStream, List<Integer>> asked = new LinkedHashMap<>();
        /** Which filters each group has granted. */
        private final Map<GroupStream, List<Integer>> granted = new LinkedHashMap<>();
        /** Groups that have answered: what they send waits for the client's answer. */
        private final List<GroupStream> paused = new ArrayList<>();

        private @Nullable String reasonString;

        private Request(int packetId, boolean subscribes, List<String> filters) {
            this.packetId = packetId;
            this.subscribes = subscribes;
            this.filters = filters;
            this.reasons = new @Nullable ReasonCode[filters.size()];
        }
    }

    Subscribing(ClientOutput output) {
        this.output = output;
        this.version = output.version();
    }

    /** Whether another request of this identifier waits for its answer. */
    boolean isPending(int packetId) {
        return requests.containsKey(packetId);
    }

    /**
     * Sends SUBSCRIBE.
     *
     * @param raw the whole packet as it came
     * @param places the groups of each of its filters
     */
    void subscribe(Subscribe packet, ByteBuf raw, List<List<GroupStream>> places) {
        List<Subscription> all = packet.subscriptions();
        Request request = new Request(
                packet.packetId(), true, all.stream().map(Subscription::filter).toList());
        requests.put(packet.packetId(), request);
        for (int i = 0; i < all.size(); i++) {
            for (GroupStream each : places.get(i)) {
                request.asked.computeIfAbsent(each, none -> new ArrayList<>()).add(i);
            }
        }
        request.asked.forEach((stream, indexes) -> {
            if (indexes.size() == all.size()) {
                stream.send(raw);
            } else {
                List<Subscription> some = indexes.stream().map(all::get).toList();
                ByteBuf out = Unpooled.buffer(256);
                ClientEncoder.subscribe(new Subscribe(packet.packetId(), packet.identifier(), some), version, out);
                stream.send(out);
            }
        });
    }

    /** Sends UNSUBSCRIBE, to all these groups. */
    void unsubscribe(Unsubscribe packet, ByteBuf raw, List<GroupStream> groups) {
        Request request = new Request(packet.packetId(), false, packet.filters());
        requests.put(packet.packetId(), request);
        for (GroupStream each : groups) {
            request.asked.put(each, indexes(packet.filters().size()));
            each.send(raw);
        }
    }

    private static List<Integer> indexes(int count) {
        List<Integer> indexes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            indexes.add(i);
        }
        return indexes;
    }

    /** SUBACK or UNSUBACK of a group. */
    void answered(GroupStream from, boolean subscribed, ByteBuf frame) {
        Request request = requests.get(Frames.packetId(frame));
        List<Integer> indexes = request == null ? null : request.asked.remove(from);
        if (request == null || indexes == null) {
            return;
        }
        if (subscribed != request.subscribes) { // a subscription was taken back
            finish(request, from);
            return;
        }
        SubAck ack = ServerPackets.reasons(frame, version);
        if (ack.reasonString() != null) {
            request.reasonString = ack.reasonString();
        }
        for (int i = 0; i < Math.min(indexes.size(), ack.reasons().size()); i++) {
            int filter = indexes.get(i);
            ReasonCode reason = ack.reasons().get(i);
            request.reasons[filter] = worst(request.reasons[filter], reason);
            if (subscribed && !reason.isError()) {
                request.granted.computeIfAbsent(from, none -> new ArrayList<>()).add(filter);
            }
        }
        finish(request, from);
    }

    private void finish(Request request, GroupStream from) {
        if (!request.paused.contains(from)) {
            request.paused.add(from);
        }
        if (request.asked.isEmpty()) {
            takeBack(request);
        }
        if (!request.asked.isEmpty()) {
            if (!request.asked.containsKey(from)) {
                from.pause();
            }
            return;
        }
        requests.remove(request.packetId);
        List<ReasonCode> reasons = new ArrayList<>(request.reasons.length);
        for (ReasonCode each : request.reasons) {
            reasons.add(each == null ? ReasonCode.SUCCESS : each);
        }
        Packet answer = request.subscribes
                ? new SubAck(request.packetId, reasons, request.reasonString)
                : new UnsubAck(request.packetId, reasons, request.reasonString);
        output.send(answer);
        request.paused.forEach(GroupStream::resume);
    }

    /** What only some of the groups have granted is asked of them to be undone; they are to answer again. */
    private void takeBack(Request request) {
        Map<GroupStream, List<Integer>> granted = new LinkedHashMap<>(request.granted);
        request.granted.clear();
        granted.forEach((stream, indexes) -> {
            List<Integer> back = indexes.stream()
                    .filter(filter -> {
                        ReasonCode reason = request.reasons[filter];
                        return reason != null && reason.isError();
                    })
                    .toList();
            if (!back.isEmpty()) {
                ByteBuf out = Unpooled.buffer(256);
                List<String> filters = back.stream().map(request.filters::get).toList();
                ClientEncoder.unsubscribe(request.packetId, filters, version, out);
                stream.send(out);
                request.asked.put(stream, back);
                stream.resume();
            }
        });
    }

    /** An error before a success, a lower QoS before a higher, one that was there before one that was not. */
    private static ReasonCode worst(@Nullable ReasonCode one, ReasonCode other) {
        if (one == null || one == other) {
            return other;
        }
        if (one.isError() || other.isError()) {
            return one.code() > other.code() ? one : other;
        }
        return one.code() < other.code() ? one : other;
    }

    /** An answer to a request that was sent nowhere. */
    void refuse(Subscribe packet, ReasonCode reason) {
        output.send(new SubAck(
                packet.packetId(), Collections.nCopies(packet.subscriptions().size(), reason), null));
    }
}
