/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.ClientClaims.Claim;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.ClientAddress;
import org.polymq.broker.net.ClientOf;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.RequestRate;
import org.polymq.mqtt.Acceptor;
import org.polymq.mqtt.Farewell;
import org.polymq.mqtt.KeepAlive;
import org.polymq.mqtt.MqttConfig;
import org.polymq.mqtt.Redirect;
import org.polymq.mqtt.wire.Ack;
import org.polymq.mqtt.wire.Auth;
import org.polymq.mqtt.wire.ConnAck;
import org.polymq.mqtt.wire.Connect;
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
 * The connection of one client to the gateway: from its bytes to the groups. It waits for CONNECT, then for the groups
 * to let the client in (nothing is read meanwhile, but AUTH), then it is connected, then closed. Confined to its event
 * loop.
 */
final class GatewayConnection extends ChannelInboundHandlerAdapter implements Acceptor.Served, Admission.Owner {
    private static final Logger log = LoggerFactory.getLogger(GatewayConnection.class);

    private final MqttGateway gateway;
    private final MqttConfig config;
    private final PacketDecoder decoder;
    private final RequestRate.Gate rate;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf unread;
    private State state = State.NEW;
    private boolean decoding;
    private String clientId = "";
    /** Set from CONNECT on. */
    private @Nullable ClientOutput output;

    private @Nullable ClientSession session;
    private Turnstile.@Nullable Turn turn;
    private Claim claim = Claim.UNTOLD;
    private @Nullable KeepAlive keepAlive;

    private enum State {
        NEW,
        /** Of an enhanced authentication the client's next step is awaited. */
        AUTHENTICATING,
        OPENING,
        CONNECTED,
        CLOSED
    }

    GatewayConnection(MqttGateway gateway) {
        this.gateway = gateway;
        this.config = gateway.config();
        this.decoder = new PacketDecoder(config.decoder());
        this.rate = gateway.rate().open();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
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
        if (!(message instanceof ByteBuf bytes) || state == State.CLOSED) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (keepAlive != null) {
            keepAlive.heard();
        }
        ByteBuf before = unread;
        unread = before == null ? bytes : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, bytes);
        decode();
    }

    private void decode() {
        if (decoding) {
            return; // further up the stack
        }
        decoding = true;
        guard(() -> {
            while (unread != null && mayRead()) {
                ByteBuf in = unread;
                int start = in.readerIndex();
                Packet packet = decoder.decode(in);
                if (packet == null) {
                    break;
                }
                handle(packet, in.slice(start, in.readerIndex() - start));
            }
        });
        decoding = false;
        if (unread != null && (!unread.isReadable() || state == State.CLOSED)) {
            unread.release();
            unread = null;
        }
        setReading();
    }

    /** Runs what a packet of the client asks for, and tells the client if it may not. */
    void guard(Runnable action) {
        try {
            action.run();
        } catch (PacketException bad) {
            fail(bad.reason(), String.valueOf(bad.getMessage()));
        }
    }

    private boolean mayRead() {
        return switch (state) {
            case NEW, AUTHENTICATING -> true;
            case CONNECTED -> session != null && session.mayRead();
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

    /** Reads what came while something was waited for. */
    void resumeReading() {
        if (state != State.CLOSED) {
            decode();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (output != null) {
            output.flush();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (session != null && ctx.channel().isWritable()) {
            session.resumeStreams();
        }
        ctx.fireChannelWritabilityChanged();
    }

    private void handle(Packet packet, ByteBuf raw) {
        ClientSession there = session;
        if (packet instanceof Connect connect) {
            open(connect);
        } else if (there == null || output == null) {
            throw new IllegalStateException("a packet before CONNECT");
        } else if (state == State.AUTHENTICATING) {
            authenticate(packet, there, raw);
        } else if (packet.isRequest() && !rate.admits()) {
            log.info("client {} is disconnected: {}", BadInput.escape(clientId), rate.refusal());
            close(Disconnect.of(ReasonCode.MESSAGE_RATE_TOO_HIGH, null));
        } else if (packet instanceof Publish publish) {
            there.publish(publish, raw);
        } else if (packet instanceof LargePublish large) {
            there.begin(large, raw);
        } else if (packet instanceof PayloadPart part) {
            there.part(part, raw);
        } else if (packet instanceof Ack ack) {
            there.acknowledge(ack, raw);
        } else if (packet instanceof PingRequest) {
            output.send(new PingResponse());
        } else if (packet instanceof Subscribe subscribe) {
            there.subscribe(subscribe, raw);
        } else if (packet instanceof Unsubscribe unsubscribe) {
            there.unsubscribe(unsubscribe, raw);
        } else if (packet instanceof Auth) {
            there.authenticate(raw);
        } else if (packet instanceof Disconnect disconnect) {
            there.disconnect(disconnect, raw);
            end(false);
        }
    }

    // ---- the way in

    private void open(Connect connect) {
        state = State.OPENING;
        ChannelHandlerContext there = context();
        ClientOutput out = new ClientOutput(
                there, connect.version(), connect.maximumPacketSize(), connect.requestProblemInformation());
        output = out;
        Connect named = connect.clientId().isEmpty() ? connect.withAssignedId("auto-" + UUID.randomUUID()) : connect;
        clientId = named.clientId();
        turn = gateway.turnstile(clientId).turn(there.channel().eventLoop(), () -> guard(() -> begin(named, out)));
        turn.enter();
    }

    private void begin(Connect connect, ClientOutput out) {
        Channel channel = context().channel();
        claim = gateway.claims().begin(clientId, () -> channel.eventLoop().execute(this::taken));
        ClientSession begun =
                new ClientSession(gateway, this, channel.eventLoop(), connect, ClientOf.channel(channel), out);
        session = begun;
        begun.begin();
        out.flush();
    }

    /** Others may be let in. */
    private void leaveTurn() {
        if (turn != null) {
            turn.leave();
        }
    }

    /** The client is connected elsewhere, and its home group could not say so on this way. */
    private void taken() {
        close(Disconnect.of(ReasonCode.SESSION_TAKEN_OVER, null));
    }

    private void authenticate(Packet packet, ClientSession there, ByteBuf raw) {
        if (packet instanceof Auth) {
            state = State.OPENING;
            there.authenticate(raw);
        } else if (packet instanceof Disconnect) {
            end(false);
        } else { // MQTT 5, 3.1.2.11.9
            throw new PacketException(ReasonCode.PROTOCOL_ERROR, "another packet than AUTH before CONNACK");
        }
    }

    @Override
    public void authenticates(ByteBuf frame) {
        if (output != null) {
            output.pass(frame);
        }
        state = State.AUTHENTICATING;
        leaveTurn(); // a client that does not go on keeps nobody out
        context().channel().eventLoop().execute(this::resumeReading);
    }

    /** All groups that are needed have let the client in; what they send follows. */
    void letIn(ByteBuf connAck, int keepAliveSeconds) {
        Channel channel = context().channel();
        Handshake.complete(channel);
        state = State.CONNECTED;
        leaveTurn();
        claim.hold();
        gateway.metrics().connected(1);
        if (output != null) {
            output.pass(connAck);
        }
        watch(keepAliveSeconds);
    }

    private void watch(int seconds) {
        KeepAlive watch = new KeepAlive(context().channel().eventLoop(), () -> silent(seconds));
        keepAlive = watch;
        watch.watch(seconds);
    }

    private void silent(int seconds) {
        if (mayRead()) {
            close(Disconnect.of(ReasonCode.KEEP_ALIVE_TIMEOUT, null));
        } else {
            watch(seconds); // it may have said something, but is not read from
        }
    }

    @Override
    public void refused(GroupStream by, ByteBuf connAck) {
        if (state == State.CONNECTED) {
            log.warn("group {} does not let client {} in", by.slot(), BadInput.escape(clientId));
            close(Disconnect.of(ReasonCode.SERVER_SHUTTING_DOWN, null));
        } else if (state != State.CLOSED && output != null) {
            output.pass(connAck);
            end(true);
        }
    }

    // ---- the end

    @Override
    public void leaderless() {
        if (state == State.OPENING && session != null) {
            session.leaderless();
        }
    }

    @Override
    public void unreachable(int slot, Throwable failure) {
        if (state != State.CLOSED) {
            log.info(
                    "client {} cannot be served, group {} is not reached: {}",
                    BadInput.escape(clientId),
                    slot,
                    failure.getMessage());
            withoutGroup();
        }
    }

    /** A group's leader is gone, or has ended the session without a word. */
    void lost(GroupStream stream) {
        if (state != State.CLOSED) {
            log.debug("the stream of client {} to group {} ended", BadInput.escape(clientId), stream.slot());
            withoutGroup();
        }
    }

    private void withoutGroup() {
        gateway.metrics().streamLost();
        if (state == State.CONNECTED) {
            close(Disconnect.of(ReasonCode.SERVER_SHUTTING_DOWN, null));
        } else if (output != null) {
            output.send(ConnAck.refused(ReasonCode.SERVER_UNAVAILABLE, null));
            gateway.metrics().refused("connect");
            end(true);
        }
    }

    /** DISCONNECT of a group: for the client it is the end of the whole. */
    void farewell(ByteBuf disconnect) {
        if (state != State.CLOSED && output != null) {
            output.pass(disconnect);
            end(true);
        }
    }

    /** For what the client did: says why, where the protocol version can, and closes. */
    private void fail(ReasonCode reason, String message) {
        if (state == State.CLOSED) {
            return;
        }
        gateway.badInput().report(context().channel(), "mqtt", message + who());
        MqttVersion version = decoder.version();
        if (state == State.CONNECTED) {
            close(Disconnect.of(reason, output != null && output.wantsReasons() ? message : null));
            return;
        }
        if (version != null) {
            ClientOutput out = new ClientOutput(context(), version, Integer.MAX_VALUE, true);
            // 3.1 and 3.1.1 have no code for a malformed CONNECT: the connection is just closed.
            if (version.isV5() || (reason != ReasonCode.MALFORMED_PACKET && reason != ReasonCode.PROTOCOL_ERROR)) {
                out.send(ConnAck.refused(reason, null));
            }
            out.close();
        }
        end(true);
    }

    private String who() {
        return clientId.isEmpty() ? "" : " (client " + clientId + ")";
    }

    private void close(Disconnect farewell) {
        if (state == State.CLOSED) {
            return;
        }
        if (state == State.CONNECTED && output != null && output.version().isV5()) {
            output.send(farewell);
        }
        end(true);
    }

    /** Ends everything that is still there. */
    private void end(boolean linger) {
        if (state == State.CONNECTED) {
            gateway.metrics().connected(-1);
        }
        state = State.CLOSED;
        leaveTurn();
        claim.release();
        if (keepAlive != null) {
            keepAlive.cancel();
        }
        if (session != null) {
            session.close();
        }
        if (output != null) {
            output.close();
        }
        if (linger) {
            Farewell.linger(context().channel());
        } else {
            context().channel().close();
        }
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    @Override
    public void stop() {
        if (state == State.CLOSED) {
            context().channel().close();
            return;
        }
        Redirect redirect = config.offers().redirect();
        ReasonCode elsewhere = redirect.atStop();
        if (state == State.CONNECTED && output != null && output.version().isV5()) {
            output.send(
                    elsewhere == null
                            ? Disconnect.of(ReasonCode.SERVER_SHUTTING_DOWN, null)
                            : Disconnect.redirected(elsewhere, redirect.serverReference()));
        }
        end(false);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (state != State.CLOSED) {
            end(false);
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
            if (state != State.CLOSED) {
                end(false);
            }
        } else {
            log.error("connection of {} failed{}", ClientAddress.of(ctx.channel()), who(), cause);
            close(Disconnect.of(ReasonCode.UNSPECIFIED_ERROR, null));
        }
    }
}
