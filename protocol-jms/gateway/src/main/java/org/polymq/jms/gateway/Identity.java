/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.channel.Channel;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.cluster.UserConnections.Place;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Credentials;
import org.polymq.broker.security.Origin;
import org.polymq.jms.gateway.Instances.Instance;
import org.polymq.jms.wire.Frame.Connect;

/**
 * Who the client of a connection is: its user, its client id, and what it shows to come back after a break. Confined to
 * its connection's event loop.
 */
final class Identity {
    /** How long a client whose connection broke may come back to its temporary destinations. */
    private static final long RESUME_MILLIS = 60_000;

    private final JmsConnection connection;
    private final Channel channel;
    private final Lane lane;
    private final long number;
    private final JmsServices services;
    private final JmsSettings settings;
    private boolean asked;
    private @Nullable Access access;
    private Place place = Place.UNCOUNTED;
    private @Nullable String clientId;
    /** What the client shows again after a break; owns its temporary destinations. */
    private @Nullable Instance instance;

    Identity(
            JmsConnection connection,
            Channel channel,
            Lane lane,
            long number,
            JmsServices services,
            JmsSettings settings) {
        this.connection = connection;
        this.channel = channel;
        this.lane = lane;
        this.number = number;
        this.services = services;
        this.settings = settings;
    }

    /** Whether the client has begun to log in. */
    boolean hasAsked() {
        return asked;
    }

    /** Logs the client in, once; not answered if its network connection is gone meanwhile. */
    void login(Connect connect, Reply<Access> reply) {
        asked = true;
        Credentials credentials = Credentials.vouched(channel)
                .orElseGet(() -> connect.user() == null
                        ? new Credentials.Anonymous()
                        : new Credentials.Password(
                                connect.user(), connect.password() == null ? "" : connect.password()));
        services.authenticator()
                .login(
                        credentials,
                        Origin.of(JmsProtocol.NAME, channel),
                        lane,
                        Reply.of(granted -> count(connect, granted, reply), reply::failed));
    }

    private void count(Connect connect, Access granted, Reply<Access> reply) {
        services.users()
                .enter(
                        granted,
                        channel,
                        lane,
                        Reply.of(taken -> loggedIn(connect, granted, taken, reply), reply::failed));
    }

    private void loggedIn(Connect connect, Access granted, Place taken, Reply<Access> reply) {
        if (!channel.isActive()) {
            taken.leave();
            return;
        }
        place = taken;
        access = granted;
        String user = granted.principal().name();
        try {
            instance = services.instances()
                    .take(
                            connect.instance(),
                            user,
                            connection,
                            () -> connection.inLane(() -> resumed(connect, granted, reply)));
        } catch (BrokerException e) {
            reply.failed(e);
        }
    }

    private void resumed(Connect connect, Access granted, Reply<Access> reply) {
        if (!channel.isActive()) {
            return;
        }
        try {
            if (connect.clientId() != null) {
                useClientId(connect.clientId());
            }
        } catch (BrokerException e) {
            reply.failed(e);
            return;
        }
        listed();
        reply.ok(granted);
    }

    /** Gives the connection its client id, once. */
    void useClientId(String wanted) {
        if (clientId != null) {
            throw new BrokerException(
                    Reason.ALREADY_EXISTS, "the connection's client id is '" + clientId + "' already");
        }
        access().useClientId(wanted);
        services.clientIds().take(wanted, connection);
        clientId = wanted;
        listed();
    }

    private void listed() {
        services.clients()
                .add(
                        channel,
                        "JMS",
                        clientId == null ? "" : clientId,
                        access().principal().name(),
                        () -> Map.of("connection", String.valueOf(number)),
                        channel::close);
    }

    Access access() {
        if (access == null) {
            throw new IllegalStateException("nobody has logged in");
        }
        return access;
    }

    @Nullable
    String clientId() {
        return clientId;
    }

    /** Whose the temporary destinations are. */
    Object owner() {
        return instance == null ? connection : instance;
    }

    /** What messages of this connection name as their producer. */
    String producer() {
        return clientId != null ? clientId : "jms-" + Long.toHexString(settings.runId()) + "-" + number;
    }

    /** What the client sent to temporary destinations, also before a break. */
    RecentIds sent() {
        if (instance == null) {
            throw new IllegalStateException("nobody has logged in");
        }
        return instance.sent();
    }

    // ---- ends

    /** Frees the client id, and is not told of changes of its user's rights any more. */
    void leave() {
        if (access != null) {
            access.close();
        }
        place.leave();
        if (clientId != null) {
            services.clientIds().release(clientId, connection);
            clientId = null;
        }
    }

    /** The client is done with what it could come back to. */
    void end() {
        if (instance != null && services.instances().ended(instance, connection)) {
            services.temporaries().deleteAll(instance);
        }
        instance = null;
    }

    /** The network connection broke: the client may come back to its temporary destinations for a while. */
    void awaitReturn() {
        Instance left = instance;
        instance = null;
        if (left == null) {
            return;
        }
        int since = services.instances().broken(left, connection);
        if (since < 0) {
            return;
        }
        Runnable forget = () -> {
            if (services.instances().isAbandoned(left, since)) {
                services.temporaries().deleteAll(left);
            }
        };
        try {
            channel.eventLoop().schedule(forget, RESUME_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            forget.run();
        }
    }
}
