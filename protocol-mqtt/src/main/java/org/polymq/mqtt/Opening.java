/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.UserConnections.Place;
import org.polymq.broker.follow.ClientFollowing;
import org.polymq.broker.net.ClientAddress;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Credentials;
import org.polymq.broker.security.Origin;
import org.polymq.broker.security.Security;
import org.polymq.broker.session.DurableSession;
import org.polymq.broker.session.Sessions;
import org.polymq.broker.session.StoredWill;
import org.polymq.mqtt.wire.Admitted;
import org.polymq.mqtt.wire.Auth;
import org.polymq.mqtt.wire.ConnAck;
import org.polymq.mqtt.wire.Connect;
import org.polymq.mqtt.wire.ReasonCode;
import org.polymq.mqtt.wire.Will;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from CONNECT to CONNACK: checks, takes the client id from an older connection, opens the session. Confined to
 * the connection's event loop; the connection may end at any step.
 */
final class Opening {
    private static final Logger log = LoggerFactory.getLogger(Opening.class);

    private final MqttBroker broker;
    private final MqttConnection connection;
    private final ChannelHandlerContext context;
    private final Connect connect;
    private final MqttConfig config;
    private final Lane lane;
    private final Translation.Client client;
    private final boolean assigned;
    private final long sessionExpiry;
    private final Outbox outbox;
    private final Origin origin;
    private @Nullable EnhancedAuthentication authentication;
    /** What CONNACK says at the end of an enhanced authentication. */
    private @Nullable Auth proof;

    private @Nullable MqttSession session;
    /** Whether there was a session, which CONNECT may have ended. */
    private boolean existed;

    Opening(MqttBroker broker, MqttConnection connection, ChannelHandlerContext context, Connect connect) {
        this.broker = broker;
        this.connection = connection;
        this.context = context;
        this.connect = connect;
        this.config = broker.config();
        this.lane = broker.lane(context.channel().eventLoop());
        this.assigned = connect.clientId().isEmpty() || connect.assigned();
        String id = connect.clientId().isEmpty() ? "auto-" + UUID.randomUUID() : connect.clientId();
        this.client = new Translation.Client(id, ClientAddress.of(context.channel()));
        this.origin = Origin.of("mqtt", context.channel());
        this.sessionExpiry = SessionHandle.expiryOf(connect, config);
        this.outbox = new Outbox(
                context,
                new Outbox.Peer(
                        connect.version(),
                        connect.maximumPacketSize(),
                        Math.min(connect.topicAliasMaximum(), config.offers().serverTopicAliases()),
                        connect.requestProblemInformation()),
                this::beforeFlush);
    }

    Outbox outbox() {
        return outbox;
    }

    private void beforeFlush() {
        if (session != null) {
            session.beforeFlush();
        }
    }

    void begin() {
        if (client.id().length() > config.maxClientIdLength()) {
            refuse(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "a client id of " + client.id().length() + " characters exceeds the limit of "
                            + config.maxClientIdLength());
            return;
        }
        ReasonCode elsewhere = config.offers().redirect().atConnect();
        if (elsewhere != null) {
            connection.redirect(connect.version(), elsewhere);
            connection.letGo();
            return;
        }
        Will will = connect.will();
        if (will != null && !checkWill(will)) {
            return;
        }
        Security security = broker.services().security();
        String method = connect.authenticationMethod();
        if (method == null || Credentials.vouched(context.channel()).isPresent()) {
            security.authenticator()
                    .login(
                            Login.credentials(connect, context.channel()),
                            origin,
                            lane,
                            Reply.of(this::authenticated, this::failed));
        } else if (security.enabled() && method.equals(EnhancedAuthentication.METHOD)) {
            authentication = new EnhancedAuthentication(security.authenticator().scram(origin));
            authenticate(connect.authenticationData());
        } else {
            refuse(ReasonCode.BAD_AUTHENTICATION_METHOD, "the authentication method " + method + " is not offered");
        }
    }

    /** One step of an enhanced authentication. MQTT 5, 4.12. */
    private void authenticate(@Nullable ByteBuffer data) {
        EnhancedAuthentication exchange = authentication;
        if (exchange == null) {
            return;
        }
        ByteBuffer answer;
        try {
            answer = exchange.step(data);
        } catch (BrokerException wrong) {
            failed(wrong);
            return;
        }
        Access access = exchange.access();
        if (access == null) {
            connection.awaitAuthentication(this);
            outbox.send(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, EnhancedAuthentication.METHOD, answer));
        } else {
            proof = new Auth(ReasonCode.SUCCESS, EnhancedAuthentication.METHOD, answer);
            authenticated(access);
        }
    }

    /** The client goes on with its authentication. */
    void authenticate(Auth auth) {
        EnhancedAuthentication.checkContinues(auth);
        connection.authenticating();
        authenticate(auth.data());
    }

    private void authenticated(Access access) {
        if (connection.isClosed()) {
            access.close();
            connection.letGo();
            return;
        }
        Permits permits = new Permits(access);
        try {
            if (!assigned) {
                permits.connect(client.id());
            }
            Will will = connect.will();
            if (will != null) {
                permits.publish(will.topic());
            }
            checkOwner(permits);
        } catch (BrokerException denied) {
            access.close();
            failed(denied);
            return;
        }
        connection.authenticatedAs(permits);
        broker.clients()
                .claim(client.id(), connection)
                .thenRun(() -> context.channel().eventLoop().execute(() -> openSession(permits)));
    }

    /** Neither a connection nor a session of somebody else is taken over. */
    private void checkOwner(Permits permits) {
        permits.own(broker.clients().userOf(client.id()), "client id " + client.id());
        permits.own(broker.services().sessions().ownerOf(client.id()), "the session of client " + client.id());
    }

    private boolean checkWill(Will will) {
        if (will.payload().remaining() > config.maxWillSize()) {
            refuse(
                    ReasonCode.QUOTA_EXCEEDED,
                    "a will of " + will.payload().remaining() + " bytes exceeds the limit of " + config.maxWillSize());
            return false;
        }
        try {
            broker.translation()
                    .toCore(client, will.topic(), will.qos(), will.retain(), will.properties(), will.payload());
            return true;
        } catch (BrokerException bad) {
            refuse(ReasonCode.TOPIC_NAME_INVALID, String.valueOf(bad.getMessage()));
            return false;
        }
    }

    private void refuse(ReasonCode reason, String message) {
        connection.refuse(connect.version(), reason, message);
        connection.letGo();
    }

    private void openSession(Permits permits) {
        if (connection.isClosed()) {
            letGo();
            return;
        }
        try {
            checkOwner(permits);
        } catch (BrokerException denied) {
            failed(denied);
            return;
        }
        // Not sooner: a client that comes back has its place from the connection that it takes over.
        permits.count(
                broker.services().users(),
                context.channel(),
                lane,
                Reply.of(place -> openSession(permits, place), this::failed));
    }

    private void openSession(Permits permits, Place place) {
        if (connection.isClosed()) {
            place.leave();
            letGo();
            return;
        }
        permits.keep(place);
        Sessions sessions = broker.services().sessions();
        boolean exists = sessions.exists(client.id());
        existed = exists;
        if (sessionExpiry > 0 || (exists && !connect.cleanStart())) {
            // A session that ends with this connection is opened for as short as the log can say.
            sessions.open(
                    client.id(),
                    connect.cleanStart(),
                    Math.max(1, sessionExpiry),
                    permits.user(),
                    lane,
                    Reply.of(opened -> opened(permits, opened.session(), opened.present()), this::failed));
        } else if (exists) {
            sessions.end(client.id(), lane, Reply.of(done -> opened(permits, null, false), this::failed));
        } else {
            opened(permits, null, false);
        }
    }

    private void failed(BrokerException cause) {
        connection.refuse(connect.version(), Reasons.ofConnect(cause.reason()), String.valueOf(cause.getMessage()));
        letGo();
    }

    private void opened(Permits permits, @Nullable DurableSession durable, boolean present) {
        SessionHandle handle =
                new SessionHandle(client, connect, lane, broker.services().sessions(), durable, sessionExpiry);
        if (connection.isClosed()) {
            handle.leave(sessionExpiry);
            letGo();
            return;
        }
        broker.wills().connected(client.id(), present);
        Will will = connect.will();
        if (will == null) {
            connected(permits, handle, present, null);
            return;
        }
        // As long as it is not changed at the end, the session's own expiry bounds the delay.
        long delay = Math.min(will.delaySeconds(), sessionExpiry);
        broker.wills()
                .store(
                        client.id(),
                        permits.user(),
                        will,
                        delay,
                        lane,
                        Reply.of(stored -> connected(permits, handle, present, stored), refused -> {
                            handle.leave(sessionExpiry);
                            failed(refused);
                        }));
    }

    private void connected(Permits permits, SessionHandle handle, boolean present, @Nullable StoredWill will) {
        if (connection.isClosed()) {
            if (will != null) {
                broker.wills().discard(will);
            }
            handle.leave(sessionExpiry);
            letGo();
            return;
        }
        DurableSession durable = handle.durable();
        Map<Long, Integer> parked = broker.clients().unpark(client.id());
        if (!present) {
            parked = Map.of();
        }
        Window window = new Window(Math.min(connect.receiveMaximum(), config.maxInFlight()), broker.packetIds());
        Sender sender = new Sender(
                outbox,
                window,
                broker.translation(),
                broker.metrics(),
                new ClientFollowing(broker.services().followers(), "mqtt", client.id()));
        MqttSession made = new MqttSession(
                client.id(), lane, broker.services(), config, broker.sys(), permits, sender, durable, parked);
        session = made;
        Receiver receiver = new Receiver(
                new Receiver.Setting(client, permits, lane, outbox, connection, durable),
                broker.services().publisher(),
                broker.translation(),
                broker.metrics(),
                config);
        Connected connected = new Connected(
                broker, connection, handle, context.channel().eventLoop(), outbox, permits, made, receiver, will);
        connection.connected(connected);
        broker.services()
                .clients()
                .add(
                        context.channel(),
                        "MQTT " + connect.version().text(),
                        client.id(),
                        permits.user(),
                        connected::details,
                        connected::endByAdministrator);
        permits.watch(lane, connected);
        boolean ofGateway = GatewayClient.of(context.channel()).isPresent();
        if (ofGateway) {
            outbox.tell(new Admitted(existed, permits.user()));
            if (present) {
                outbox.tell(made.kept());
            }
        }
        int keepAlive = keepAlive();
        if (!outbox.send(new ConnAck(present, ReasonCode.SUCCESS, properties(keepAlive), null))) {
            // MQTT 5, 3.1.2-24: nothing larger than it allows may be sent, and CONNACK is.
            connection.close(MqttConnection.End.LOST, ReasonCode.SUCCESS);
            return;
        }
        connected.watch(ofGateway ? 0 : keepAlive);
        try {
            made.begin();
        } catch (BrokerException refused) {
            log.warn("the session of client {} cannot be resumed: {}", client.id(), refused.getMessage());
            connection.close(MqttConnection.End.ERROR, Reasons.ofConnect(refused.reason()));
            return;
        }
        connection.resumeReading();
    }

    private int keepAlive() {
        boolean capped = connect.version().isV5()
                && (connect.keepAlive() > config.maxKeepAlive()
                        || (connect.keepAlive() == 0 && config.maxKeepAlive() < 65535));
        return capped ? config.maxKeepAlive() : connect.keepAlive();
    }

    private ConnAck.ServerProperties properties(int keepAlive) {
        Long asked = connect.sessionExpiry();
        return new ConnAck.ServerProperties(
                asked == null || asked == sessionExpiry ? null : Long.valueOf(sessionExpiry),
                config.receiveMaximum(),
                config.decoder().maxPacketSize(),
                assigned ? client.id() : null,
                config.topicAliasMaximum(),
                responseInformation(),
                keepAlive == connect.keepAlive() ? null : Integer.valueOf(keepAlive),
                proof);
    }

    // MQTT 5, 3.2.2.3.15
    private @Nullable String responseInformation() {
        String information = config.offers().responseInformation();
        return information.isEmpty() || !connect.requestResponseInformation() ? null : information;
    }

    private void letGo() {
        broker.clients().release(client.id(), connection);
        connection.letGo();
    }
}
