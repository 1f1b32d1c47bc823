/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.ClientAddress;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.RequestRate;
import org.polymq.mqtt.wire.Ack;
import org.polymq.mqtt.wire.Auth;
import org.polymq.mqtt.wire.ConnAck;
import org.polymq.mqtt.wire.Connect;
import org.polymq.mqtt.wire.DecoderLimits;
import org.polymq.mqtt.wire.Disconnect;
import org.polymq.mqtt.wire.LargePublish;
import org.polymq.mqtt.wire.MqttVersion;
import org.polymq.mqtt.wire.Packet;
import org.polymq.mqtt.wire.PacketDecoder;
import org.polymq.mqtt.wire.PacketException;
import org.polymq.mqtt.wire.PayloadPart;
import org.polymq.mqtt.wire.PingRequest;
import org.polymq.mqtt.wire.PingResponse;
import org.polymq.mqtt.wire.Publish;
import org.polymq.mqtt.wire.ReasonCode;
import org.polymq.mqtt.wire.Subscribe;
import org.polymq.mqtt.wire.Unsubscribe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One network connection: from its bytes to the session it works for. It is waiting for CONNECT, then opening its
 * session (nothing is read meanwhile), then connected, then closed. Confined to its event loop, but for taking over.
 */
final class MqttConnection extends ChannelInboundHandlerAdapter implements Clients.Holder, Connection {
    private static final Logger log = LoggerFactory.getLogger(MqttConnection.class);

    private final MqttBroker broker;
    /** Set when it is known whether a gateway has the client. */
    private @Nullable PacketDecoder decoder;

    private final RequestRate.Gate rate;
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unread;
    private State state = State.NEW;
    /** Set while connected. */
    private @Nullable Connected connected;
    /** Set from CONNECT to CONNACK. */
    private @Nullable Opening opening;
    /** Set when the client has proved who it is. */
    private @Nullable Permits permits;

    private volatile String user = "";
    /** Set from CONNECT on. */
    private @Nullable Outbox outbox;

    private enum State {
        NEW,
        /** Of an enhanced authentication the client's next step is awaited. */
        AUTHENTICATING,
        OPENING,
        CONNECTED,
        CLOSED
    }

    MqttConnection(MqttBroker broker) {
        this.broker = broker;
        this.rate = broker.rate().open();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        DecoderLimits limits = broker.config().decoder();
        decoder = GatewayClient.of(added.channel()).isPresent()
                ? PacketDecoder.ofGateway(limits)
                : new PacketDecoder(limits);
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext there = context;
        if (there == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return there;
    }

    // ---- reading

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (state == State.CLOSED) {
            bytes.release();
            return;
        }
        if (connected != null) {
            connected.heard();
        }
        ByteBuf before = unread;
        unread = before == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
        decode();
    }

    private void decode() {
        try {
            while (unread != null && decoder != null && mayRead()) {
                Packet packet = decoder.decode(unread);
                if (packet == null) {
                    break;
                }
                handle(packet);
            }
        } catch (PacketException bad) {
            fail(bad.reason(), String.valueOf(bad.getMessage()));
        }
        if (unread != null && (!unread.isReadable() || state == State.CLOSED)) {
            unread.release();
            unread = null;
        }
        setReading();
    }

    private boolean mayRead() {
        return switch (state) {
            case NEW, AUTHENTICATING -> true;
            case CONNECTED -> connected == null || !connected.receiver().isFull();
            case OPENING, CLOSED -> false;
        };
    }

    private void setReading() {
        boolean reading = state == State.CLOSED || mayRead();
        Channel channel = context().channel();
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (connected != null) {
            connected.session().pump();
        }
        if (outbox != null) {
            outbox.flush();
        }
        ctx.fireChannelReadComplete();
    }

    private void handle(Packet packet) {
        if (packet instanceof Connect connect) {
            open(connect);
            return;
        }
        if (state == State.AUTHENTICATING) {
            authenticate(packet);
            return;
        }
        Connected there = connected;
        if (there == null) {
            return;
        }
        if (packet.isRequest() && !rate.admits()) {
            log.info("client {} is disconnected: {}", BadInput.escape(there.clientId()), rate.refusal());
            close(End.ERROR, ReasonCode.MESSAGE_RATE_TOO_HIGH);
            return;
        }
        if (packet instanceof Publish publish) {
            there.receiver().publish(publish);
        } else if (packet instanceof LargePublish large) {
            there.receiver().begin(large);
        } else if (packet instanceof PayloadPart part) {
            there.receiver().part(part);
        } else if (packet instanceof Ack ack) {
            if (ack.kind() == Ack.Kind.PUBREL) {
                there.receiver().release(ack.packetId());
            } else {
                there.session().acknowledge(ack);
            }
        } else if (packet instanceof PingRequest) {
            there.outbox().send(new PingResponse());
        } else if (packet instanceof Subscribe subscribe) {
            there.session().subscribe(subscribe);
        } else if (packet instanceof Unsubscribe unsubscribe) {
            there.session().unsubscribe(unsubscribe);
        } else if (packet instanceof Disconnect disconnect) {
            there.disconnect(disconnect);
        } else if (packet instanceof Auth auth) {
            there.authenticate(auth);
        }
    }

    // ---- opening

    private void authenticate(Packet packet) {
        if (packet instanceof Auth auth && opening != null) {
            opening.authenticate(auth);
        } else if (packet instanceof Disconnect) {
            close(End.REFUSED, ReasonCode.SUCCESS);
        } else { // MQTT 5, 3.1.2.11.9
            throw new PacketException(ReasonCode.PROTOCOL_ERROR, "another packet than AUTH before CONNACK");
        }
    }

    private void open(Connect connect) {
        state = State.OPENING;
        Opening begun = new Opening(broker, this, context(), connect);
        opening = begun;
        outbox = begun.outbox();
        begun.begin();
    }

    /** The client has to go on with its enhanced authentication. */
    void awaitAuthentication(Opening waiting) {
        if (state == State.OPENING && waiting == opening) {
            state = State.AUTHENTICATING;
            context().channel().eventLoop().execute(this::resumeReading);
        }
    }

    /** Its next step is here. */
    void authenticating() {
        state = State.OPENING;
    }

    /** Who the client is: known before its client id is claimed. */
    void authenticatedAs(Permits proved) {
        permits = proved;
        user = proved.user();
    }

    @Override
    public String user() {
        return user;
    }

    /** The session is there: from now on packets are handled. Called by {@link Opening} before CONNACK is sent. */
    void connected(Connected opened) {
        Handshake.complete(context().channel());
        connected = opened;
        opening = null;
        state = State.CONNECTED;
        broker.metrics().connected();
    }

    /** Reads what came while the session was opened, or while too much waited for the log. */
    @Override
    public void resumeReading() {
        if (state != State.CLOSED) {
            decode();
            if (connected != null) {
                connected.session().pump();
            }
        }
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Refuses CONNECT. */
    void refuse(MqttVersion version, ReasonCode reason, String message) {
        refuse(version, ConnAck.refused(reason, message));
    }

    /** Refuses CONNECT and names another server; 3.1 and 3.1.1 clients are told that this one is unavailable. */
    void redirect(MqttVersion version, ReasonCode reason) {
        refuse(
                version,
                ConnAck.redirected(reason, broker.config().offers().redirect().serverReference()));
    }

    private void refuse(MqttVersion version, ConnAck refusal) {
        if (state == State.CLOSED) {
            return;
        }
        Outbox out = outbox != null ? outbox : new Outbox(context(), Outbox.Peer.of(version), () -> {});
        ReasonCode reason = refusal.reason();
        // 3.1 and 3.1.1 have no code for a malformed CONNECT: the connection is just closed.
        if (version.isV5() || (reason != ReasonCode.MALFORMED_PACKET && reason != ReasonCode.PROTOCOL_ERROR)) {
            out.send(refusal);
        }
        out.close();
        broker.metrics().refused("connect");
        end(End.REFUSED);
    }

    // ---- closing

    @Override
    public void fail(ReasonCode reason, String message) {
        if (state == State.CLOSED) {
            return;
        }
        Channel channel = context().channel();
        MqttVersion version = decoder == null ? null : decoder.version();
        if (state == State.CONNECTED && outbox != null) {
            if (outbox.version().isV5()) {
                boolean told = connected != null && connected.wantsProblemInformation();
                outbox.send(Disconnect.of(reason, told ? message : null));
            }
            outbox.close();
        } else if (version != null) {
            Outbox out = new Outbox(context(), Outbox.Peer.of(version), () -> {});
            if (version.isV5() || (reason != ReasonCode.MALFORMED_PACKET && reason != ReasonCode.PROTOCOL_ERROR)) {
                out.send(ConnAck.refused(reason, null));
            }
            out.close();
        }
        broker.badInput().report(channel, "mqtt", message + who());
        end(End.ERROR);
    }

    private String who() {
        return connected == null ? "" : " (client " + connected.clientId() + ")";
    }

    /** Ends the connection in order, telling a 5.0 client why. */
    void close(End end, ReasonCode reason) {
        close(end, Disconnect.of(reason, null));
    }

    private void close(End end, Disconnect farewell) {
        if (state == State.CLOSED) {
            return;
        }
        if (state == State.CONNECTED && outbox != null) {
            if (outbox.version().isV5() && farewell.reason() != ReasonCode.SUCCESS) {
                outbox.send(farewell);
            }
            outbox.close();
        }
        end(end);
    }

    private void end(End end) {
        State before = state;
        state = State.CLOSED;
        if (outbox != null) {
            outbox.close();
        }
        Connected there = connected;
        connected = null;
        opening = null;
        if (permits != null) {
            permits.close();
        }
        if (there != null) {
            broker.metrics().disconnected();
            there.end(end);
            released.complete(null);
        } else if (before != State.OPENING) {
            released.complete(null); // otherwise Opening lets go when it gets its answer
        }
        if (end == End.DISCONNECTED || end == End.LOST || end == End.STOPPED) {
            context().channel().close();
        } else {
            Farewell.linger(context().channel());
        }
    }

    /** Called by {@link Opening} when it has given back what it got too late. */
    void letGo() {
        released.complete(null);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (state != State.CLOSED) {
            end(End.LOST);
        }
        if (unread != null) {
            unread.release();
            unread = null;
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("connection lost{}: {}", who(), cause.getMessage());
            close(End.LOST, ReasonCode.SUCCESS);
        } else {
            log.error("connection of {} failed{}", ClientAddress.of(ctx.channel()), who(), cause);
            close(End.ERROR, ReasonCode.UNSPECIFIED_ERROR);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (connected != null && ctx.channel().isWritable()) {
            connected.session().pump();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void stop() {
        if (state == State.CLOSED) {
            context().channel().close();
        } else {
            Redirect redirect = broker.config().offers().redirect();
            ReasonCode elsewhere = redirect.atStop();
            close(
                    End.STOPPED,
                    elsewhere == null
                            ? Disconnect.of(ReasonCode.SERVER_SHUTTING_DOWN, null)
                            : Disconnect.redirected(elsewhere, redirect.serverReference()));
        }
    }

    @Override
    public void takeOver() {
        context().channel().eventLoop().execute(() -> close(End.TAKEN_OVER, ReasonCode.SESSION_TAKEN_OVER));
    }

    @Override
    public CompletionStage<Void> released() {
        return released;
    }

    /** How a connection ends, as far as its session cares. */
    enum End {
        /** DISCONNECT: the will is forgotten. */
        DISCONNECTED,
        /** Without DISCONNECT, or with the wish that the will be published. */
        LOST,
        /** For something the client did, or did not do. */
        ERROR,
        TAKEN_OVER,
        /** The broker stops. */
        STOPPED,
        /** Before there was a session. */
        REFUSED
    }
}
