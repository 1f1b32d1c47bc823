/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.mqtt.wire.Admitted;
import org.polymq.mqtt.wire.ClientEncoder;
import org.polymq.mqtt.wire.Connect;
import org.polymq.mqtt.wire.Kept;
import org.polymq.mqtt.wire.ServerPackets;
import org.polymq.mqtt.wire.Subscribe;

/**
 * How a client is let in: first by its home group, which proves it, then by the others when they are needed. Confined
 * to the client's event loop.
 */
final class Admission {
    private static final int AUTH = 15;
    private static final int CONNACK = 2;
    private static final int OF_GATEWAYS = 0;

    private final Connect connect;
    private final int home;
    private final Streams streams;
    private final Owner owner;
    private final GroupStream.Receiver receiver;
    private GatewayClient client;
    private final Map<GroupStream, Login> logins = new HashMap<>();
    private final Queue<Waiting> waiting = new ArrayDeque<>(1);
    /** Subscriptions that the group of a stream has still to confirm. */
    private final Map<GroupStream, Integer> unconfirmed = new HashMap<>();

    private @Nullable Runnable whenConfirmed;

    /** A group's answer to CONNECT. */
    private static final class Login {
        private @Nullable Admitted admitted;
        private @Nullable Kept kept;
        private ServerPackets.@Nullable Answer answer;
        private byte[] connAck = {};
    }

    /** What is to be done when groups have let the client in. */
    private record Waiting(List<Integer> slots, Runnable then) {}

    /** Whose client it is. */
    interface Owner {
        /** AUTH of the home group, whole. */
        void authenticates(ByteBuf frame);

        /** CONNACK of a group that does not let the client in, whole. */
        void refused(GroupStream by, ByteBuf connAck);

        /** A group has no leader right now, and is waited for. */
        void leaderless();

        /** A group cannot be reached. */
        void unreachable(int slot, Throwable failure);
    }

    /**
     * Nothing is asked yet.
     *
     * @param connect with a client id
     * @param client without a principal
     */
    Admission(
            Connect connect,
            GatewayClient client,
            int home,
            Streams streams,
            GroupStream.Receiver receiver,
            Owner owner) {
        this.connect = connect;
        this.client = client;
        this.home = home;
        this.streams = streams;
        this.receiver = receiver;
        this.owner = owner;
    }

    int home() {
        return home;
    }

    /** Whether a group has let the client in. */
    boolean isOpen(int slot) {
        GroupStream stream = streams.get(slot);
        Login login = stream == null ? null : logins.get(stream);
        return login != null && login.answer != null;
    }

    /** Whether what the stream sends belongs to the way in. */
    boolean awaits(GroupStream stream) {
        Login login = logins.get(stream);
        return login == null || login.answer == null || unconfirmed.containsKey(stream);
    }

    private boolean areOpen(List<Integer> slots) {
        return slots.stream().allMatch(this::isOpen);
    }

    /** Has these groups let the client in, and then goes on; not at all if one does not. */
    void open(List<Integer> slots, Runnable then) {
        for (int slot : slots) {
            if (streams.get(slot) == null) {
                GroupStream stream = streams.open(
                        slot, client, receiver, owner::leaderless, failure -> owner.unreachable(slot, failure));
                logins.put(stream, new Login());
            }
        }
        if (areOpen(slots)) {
            then.run();
        } else {
            waiting.add(new Waiting(slots, then));
        }
    }

    /** The groups that were asked to let the client in, whether or not they have. */
    List<Integer> asked() {
        return streams.all().stream().map(GroupStream::slot).toList();
    }

    /** A stream is there: the group is sent CONNECT. */
    void opened(GroupStream stream) {
        ByteBuf out = Unpooled.buffer(256);
        ClientEncoder.connect(connect.fromGateway(stream.slot() != home), out);
        stream.send(out);
    }

    /** A packet of a group that has not let the client in yet. */
    void packet(GroupStream from, ByteBuf frame) {
        Login login = logins.get(from);
        if (login == null) {
            return;
        }
        switch (Frames.type(frame)) {
            case OF_GATEWAYS -> note(from, login, frame);
            case AUTH -> owner.authenticates(frame);
            case CONNACK -> {
                ServerPackets.Answer answer = ServerPackets.connAck(frame, connect.version());
                if (!answer.accepted()) {
                    owner.refused(from, frame);
                    return;
                }
                login.answer = answer;
                login.connAck = new byte[frame.readableBytes()];
                frame.getBytes(frame.readerIndex(), login.connAck);
                letIn();
            }
            default -> throw new IllegalStateException("a packet of type " + Frames.type(frame) + " before CONNACK");
        }
    }

    private void note(GroupStream from, Login login, ByteBuf frame) {
        Object note = ServerPackets.ofGateways(frame);
        if (note instanceof Admitted admitted) {
            login.admitted = admitted;
            if (from.slot() == home) {
                client = client.as(admitted.user());
            }
        } else if (note instanceof Kept kept) {
            login.kept = kept;
        }
    }

    private void letIn() {
        List<Waiting> ready =
                waiting.stream().filter(each -> areOpen(each.slots())).toList();
        waiting.removeAll(ready);
        ready.forEach(each -> each.then().run()); // which may open others
    }

    /** Whether the home group had a session, whether or not it was cleared. */
    boolean hadSession() {
        Admitted admitted = homeLogin().admitted;
        return admitted != null && admitted.existed();
    }

    private Login homeLogin() {
        Login login = logins.get(streams.get(home));
        if (login == null) {
            throw new IllegalStateException("the home group was not asked");
        }
        return login;
    }

    /** Whether any group says that it has gone on with a session. */
    boolean isPresent() {
        return logins.values().stream().anyMatch(Admission::isPresent);
    }

    private static boolean isPresent(Login login) {
        return login.answer != null && login.answer.sessionPresent();
    }

    /** The keep-alive in seconds that the client has to observe. */
    int keepAlive() {
        ServerPackets.Answer answer = homeLogin().answer;
        Integer asked = answer == null ? null : answer.serverKeepAlive();
        return asked == null ? connect.keepAlive() : asked;
    }

    /** CONNACK of the home group, whole, for all of them. */
    ByteBuf connAck() {
        ByteBuf connAck = Unpooled.wrappedBuffer(homeLogin().connAck);
        if (isPresent() && !connect.cleanStart()) {
            int flags = Frames.bodyAt(connAck);
            connAck.setByte(flags, connAck.getByte(flags) | 1);
        }
        return connAck;
    }

    // ---- groups that were added after the session was made

    /** Makes the session's subscriptions in groups that have no session, and then goes on. */
    void even(Runnable then) {
        Kept kept = null;
        List<GroupStream> lacking = new ArrayList<>();
        for (Map.Entry<GroupStream, Login> each : logins.entrySet()) {
            if (!isPresent(each.getValue())) {
                lacking.add(each.getKey());
            } else if (kept == null || each.getKey().slot() == home) {
                kept = each.getValue().kept;
            }
        }
        List<Subscribe> missing = kept == null
                ? List.of()
                : kept.subscriptions().stream().filter(Admission::isEverywhere).toList();
        logins.values().forEach(each -> each.kept = null);
        if (missing.isEmpty() || lacking.isEmpty()) {
            then.run();
            return;
        }
        whenConfirmed = then;
        for (GroupStream each : lacking) {
            unconfirmed.put(each, missing.size());
            for (int i = 0; i < missing.size(); i++) {
                Subscribe one = missing.get(i);
                ByteBuf out = Unpooled.buffer(256);
                ClientEncoder.subscribe(
                        new Subscribe(i % 65_535 + 1, one.identifier(), one.subscriptions()), connect.version(), out);
                each.send(out);
            }
            each.decode();
        }
    }

    /** Not so: a queue, which is in one group, and what the home group says about itself. */
    private static boolean isEverywhere(Subscribe packet) {
        String filter = packet.subscriptions().get(0).filter();
        return !Places.isOfOneGroup(filter);
    }

    /** SUBACK for what {@link #even} has asked. */
    void confirmed(GroupStream from) {
        Integer left = unconfirmed.remove(from);
        if (left != null && left > 1) {
            unconfirmed.put(from, left - 1);
        }
        Runnable then = whenConfirmed;
        if (unconfirmed.isEmpty() && then != null) {
            whenConfirmed = null;
            then.run();
        }
    }

    /** Whether {@link #even} waits for answers. */
    boolean isEvening() {
        return whenConfirmed != null;
    }
}
