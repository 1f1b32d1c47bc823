/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Security;
import org.polymq.broker.session.StoredWill;
import org.polymq.mqtt.MqttConnection.End;
import org.polymq.mqtt.wire.Auth;
import org.polymq.mqtt.wire.Disconnect;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.ReasonCode;
import org.polymq.mqtt.wire.Will;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that has a session: its keep-alive, its will and how it leaves. Confined to the connection's event loop.
 */
final class Connected implements Access.Watcher {
    private static final Logger log = LoggerFactory.getLogger(Connected.class);

    private final MqttBroker broker;
    private final MqttConnection connection;
    private final SessionHandle handle;
    private final EventExecutor loop;
    private final Outbox outbox;
    private final Permits permits;
    private final MqttSession session;
    private final Receiver receiver;
    private final @Nullable StoredWill will;
    private volatile long sessionExpiry;
    private final KeepAlive keepAlive;
    /** While the client authenticates again. */
    private @Nullable EnhancedAuthentication authentication;

    Connected(
            MqttBroker broker,
            MqttConnection connection,
            SessionHandle handle,
            EventExecutor loop,
            Outbox outbox,
            Permits permits,
            MqttSession session,
            Receiver receiver,
            @Nullable StoredWill will) {
        this.broker = broker;
        this.connection = connection;
        this.handle = handle;
        this.loop = loop;
        this.outbox = outbox;
        this.permits = permits;
        this.session = session;
        this.receiver = receiver;
        this.will = will;
        this.sessionExpiry = handle.sessionExpiry();
        this.keepAlive = new KeepAlive(loop, this::silent);
    }

    String clientId() {
        return handle.clientId();
    }

    Outbox outbox() {
        return outbox;
    }

    MqttSession session() {
        return session;
    }

    Receiver receiver() {
        return receiver;
    }

    /** MQTT 5, 3.1.2.11.7: whether reason strings may be sent. */
    boolean wantsProblemInformation() {
        return handle.connect().requestProblemInformation();
    }

    // ---- keep-alive

    void heard() {
        keepAlive.heard();
    }

    /** Watches for silence, with the keep-alive in seconds. A gateway does so itself for the clients that it has. */
    void watch(int seconds) {
        keepAlive.watch(seconds);
    }

    private void silent() {
        log.debug("client {} was silent for longer than its keep-alive allows", handle.clientId());
        connection.close(End.ERROR, ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    // ---- who the client is

    /** The client authenticates again. MQTT 5, 4.12.1. */
    void authenticate(Auth auth) {
        if (handle.connect().authenticationMethod() == null
                || !EnhancedAuthentication.METHOD.equals(auth.method())) { // 4.12.0-7, 4.12.1-1
            throw new PacketException(
                    ReasonCode.PROTOCOL_ERROR, "AUTH with another method than CONNECT: " + auth.method());
        }
        EnhancedAuthentication exchange = authentication;
        if (auth.reason() == ReasonCode.RE_AUTHENTICATE && exchange == null) {
            Security security = broker.services().security();
            exchange = new EnhancedAuthentication(security.authenticator().scram(permits.origin()));
            authentication = exchange;
        } else if (exchange == null) {
            throw new PacketException(ReasonCode.PROTOCOL_ERROR, "AUTH, but no authentication has begun");
        } else {
            EnhancedAuthentication.checkContinues(auth);
        }
        try {
            ByteBuffer answer = exchange.step(auth.data());
            Access access = exchange.access();
            if (access != null) {
                permits.own(access.principal().name(), "the connection of client " + clientId());
                permits.renew(access, handle.lane(), this);
                authentication = null;
            }
            ReasonCode reason = access == null ? ReasonCode.CONTINUE_AUTHENTICATION : ReasonCode.SUCCESS;
            outbox.send(new Auth(reason, EnhancedAuthentication.METHOD, answer));
        } catch (BrokerException refused) {
            connection.close(End.ERROR, ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Override
    public void permissionsChanged() {
        if (session.dropForbidden()) {
            connection.close(End.ERROR, ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Override
    public void revoked() {
        connection.close(End.ERROR, ReasonCode.NOT_AUTHORIZED);
    }

    /** For administration; any thread. */
    Map<String, String> details() {
        return Map.of(
                "keepAlive",
                handle.connect().keepAlive() + "s",
                "cleanStart",
                String.valueOf(handle.connect().cleanStart()),
                "sessionExpiry",
                sessionExpiry + "s",
                "persistent",
                String.valueOf(handle.durable() != null));
    }

    /** An administrator ends the connection; the session stays as it would after any other loss. Any thread. */
    void endByAdministrator() {
        loop.execute(() -> connection.close(End.ERROR, ReasonCode.ADMINISTRATIVE_ACTION));
    }

    // ---- the end

    void disconnect(Disconnect packet) {
        Long expiry = packet.sessionExpiry();
        if (expiry != null) {
            if (sessionExpiry == 0 && expiry != 0) { // MQTT 5, 3.14.2.2.2
                throw new PacketException(
                        ReasonCode.PROTOCOL_ERROR, "a session expiry in DISCONNECT for a session without one");
            }
            sessionExpiry = SessionHandle.limited(expiry, broker.config());
        }
        if (packet.reason() == ReasonCode.SUCCESS) {
            connection.close(End.DISCONNECTED, ReasonCode.SUCCESS);
        } else {
            connection.close(End.LOST, ReasonCode.SUCCESS);
        }
    }

    /** Leaves the session, publishes the will or lets it wait, and frees the client id. */
    void end(End end) {
        keepAlive.cancel();
        receiver.close();
        Map<Long, Integer> unanswered = session.close();
        StoredWill last = will;
        if (last != null && end == End.DISCONNECTED) {
            broker.wills().discard(last); // MQTT 5, 3.14.4-3
        } else if (last != null) { // 3.1.3.2.2: when the delay is over or the session ends, whichever is first
            broker.wills().leave(last, Math.min(delay(), sessionExpiry), handle.lane(), loop);
        }
        if (sessionExpiry > 0) {
            broker.clients().park(handle.clientId(), unanswered);
        }
        handle.leave(sessionExpiry);
        broker.clients().release(handle.clientId(), connection);
    }

    private long delay() {
        Will asked = handle.connect().will();
        return asked == null ? 0 : asked.delaySeconds();
    }
}
