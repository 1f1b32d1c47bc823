/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Ping;
import org.polymq.jms.wire.Frame.SetClientId;
import org.polymq.jms.wire.WireError;

/**
 * The streams of one client: first to its home group, which lets it in, then to the others when they are needed. Of a
 * client with a client id the home group is that id's, else one of the connection's own. Confined to the client's event
 * loop.
 */
final class Streams {
    private static final String PRODUCT = "PolyMQ gateway";
    /** A group that has not noticed the end of the id's connection of before is asked again so often. */
    private static final int CLAIMS = 50;

    private static final long CLAIM_PAUSE = 100;

    private final GroupLinks links;
    private final GatewayClient client;
    private final EventLoop loop;
    private final Lane lane;
    private final ClientTransactions transactions;
    private final GroupStream.Owner owner;
    private final @Nullable GroupStream[] bySlot;
    private String instance = "";
    private @Nullable String clientId;
    private @Nullable GroupStream home;

    Streams(
            GroupLinks links,
            GatewayClient client,
            EventLoop loop,
            Lane lane,
            ClientTransactions transactions,
            GroupStream.Owner owner) {
        this.links = links;
        this.client = client;
        this.loop = loop;
        this.lane = lane;
        this.transactions = transactions;
        this.owner = owner;
        this.bySlot = new GroupStream[links.placement().groups().size()];
    }

    /** How many groups there are. */
    int groups() {
        return bySlot.length;
    }

    /** Opens the stream to the home group, once; the handler is given its answer to the client's {@link Connect}. */
    void connect(Connect hello, Consumer<Frame> reply) {
        instance = hello.instance();
        transactions.ofInstance(instance);
        String named = hello.clientId();
        int slot = links.placement().ofClient(named == null ? instance : named);
        GroupStream first = made(slot);
        home = first;
        first.open(
                links,
                client,
                loop,
                () -> first.now(
                        new Connect(
                                named,
                                hello.user(),
                                hello.password(),
                                GroupStream.HEARTBEAT,
                                hello.product(),
                                instance),
                        answer -> {
                            if (answer instanceof Frame.Connected) {
                                clientId = named;
                                settle(first);
                            }
                            reply.accept(answer);
                        }));
    }

    private GroupStream made(int slot) {
        GroupStream stream = new GroupStream(slot, lane, owner);
        bySlot[slot] = stream;
        return stream;
    }

    private GroupStream home() {
        if (home == null) {
            throw new IllegalStateException("the client is not connected");
        }
        return home;
    }

    /** The stream to a group; opened if it is not. */
    GroupStream get(int slot) {
        GroupStream stream = bySlot[slot];
        if (stream != null) {
            return stream;
        }
        GroupStream opening = made(slot);
        String principal = String.valueOf(home().principal());
        opening.open(
                links,
                client.as(principal),
                loop,
                () -> opening.now(
                        new Connect(null, null, null, GroupStream.HEARTBEAT, PRODUCT, instance),
                        answer -> connected(opening, answer)));
        return opening;
    }

    private void connected(GroupStream stream, Frame answer) {
        if (answer instanceof Failed failed) {
            refused(stream, failed);
        } else {
            claim(stream, CLAIMS, () -> confirm(stream));
        }
    }

    /**
     * Gives the group the client's id. The home group has said whose it is, so another's hold on it is about to end.
     */
    private void claim(GroupStream stream, int tries, Runnable then) {
        String id = clientId;
        if (id == null) {
            then.run();
            return;
        }
        stream.now(new SetClientId(id), answer -> {
            if (!(answer instanceof Failed failed)) {
                then.run();
            } else if (failed.error() == WireError.INVALID_CLIENT_ID && tries > 1) {
                loop.schedule(() -> claim(stream, tries - 1, then), CLAIM_PAUSE, TimeUnit.MILLISECONDS);
            } else {
                refused(stream, failed);
            }
        });
    }

    /**
     * Makes sure that the client has not come back elsewhere meanwhile: then the home group has ended its stream, and
     * nothing may be sent to this group that the client may have repeated there.
     */
    private void confirm(GroupStream stream) {
        home().now(new Ping(), answer -> settle(stream));
    }

    /** What is asked of the group waits until what the client has left there is ended. */
    private void settle(GroupStream stream) {
        if (groups() == 1) {
            stream.becomeReady();
        } else {
            transactions.settle(stream, stream::becomeReady);
        }
    }

    private void refused(GroupStream stream, Failed failed) {
        stream.close();
        owner.lost(stream, failed.message());
    }

    /** Those that are open or being opened. */
    List<GroupStream> open() {
        List<GroupStream> open = new ArrayList<>(bySlot.length);
        for (GroupStream stream : bySlot) {
            if (stream != null) {
                open.add(stream);
            }
        }
        return open;
    }

    /** To every group; opened where they are not. */
    List<GroupStream> all() {
        List<GroupStream> all = new ArrayList<>(bySlot.length);
        for (int slot = 0; slot < bySlot.length; slot++) {
            all.add(get(slot));
        }
        return all;
    }

    /** Gives the client its id, for which that id's group is asked first: it is the home from now on. */
    void useClientId(String wanted, Consumer<Frame> reply) {
        GroupStream next = clientId != null ? home() : get(links.placement().ofClient(wanted));
        next.request(new SetClientId(wanted), answer -> {
            if (!(answer instanceof Ok)) {
                reply.accept(answer);
                return;
            }
            home = next;
            clientId = wanted;
            List<GroupStream> others = open();
            others.remove(next);
            Answers answers = new Answers(others.size(), reply);
            others.forEach(other -> claim(other, CLAIMS, () -> answers.accept(new Ok())));
        });
    }

    void reading(boolean on) {
        open().forEach(stream -> stream.reading(on));
    }

    /** Whether the client may send more. */
    boolean takeMore() {
        for (GroupStream stream : bySlot) {
            if (stream != null && !stream.takesMore()) {
                return false;
            }
        }
        return true;
    }

    void close() {
        open().forEach(GroupStream::close);
    }
}
