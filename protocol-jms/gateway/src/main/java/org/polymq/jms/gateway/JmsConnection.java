/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.message.BodyReader;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.ClientAddress;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.RequestRate;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.security.Access;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Found;
import org.polymq.jms.wire.Frame.LetIn;
import org.polymq.jms.wire.Frame.MoreMessages;
import org.polymq.jms.wire.Frame.Node;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.OpenSession;
import org.polymq.jms.wire.Frame.Ping;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.Recover;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.SetClientId;
import org.polymq.jms.wire.Frame.Settle;
import org.polymq.jms.wire.Frame.Unsubscribe;
import org.polymq.jms.wire.Frame.Xa;
import org.polymq.jms.wire.FrameDecoder;
import org.polymq.jms.wire.ProtocolException;
import org.polymq.jms.wire.WireDestination;
import org.polymq.jms.wire.WireError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of a JMS client: takes its frames and answers them. Confined to its event loop. */
final class JmsConnection extends SimpleChannelInboundHandler<Envelope> {
    private static final Logger LOG = LoggerFactory.getLogger(JmsConnection.class);
    /** How names of temporary destinations begin; clients add what nobody can guess. */
    private static final String TEMPORARY_PREFIX = "$temporary-";

    private final Channel channel;
    private final Lane lane;
    private final long number;
    private final JmsServices services;
    private final JmsSettings settings;
    private final BadInput badInput;
    private final RequestRate.Gate rate;
    private final Map<Integer, JmsSession> sessions = new HashMap<>();
    private final Outbox outbox;
    private final Settling settling = new Settling();
    private final Identity identity;
    private final Sending sending;
    private final Consumers consumers;
    private final Uploading uploading;
    private final Transactions transactions;
    private final NodeRequests nodes;
    private boolean connected;

    JmsConnection(
            Channel channel,
            Lane lane,
            long number,
            JmsServices services,
            JmsSettings settings,
            BadInput badInput,
            RequestRate.Gate rate) {
        this.channel = channel;
        this.lane = lane;
        this.number = number;
        this.services = services;
        this.settings = settings;
        this.badInput = badInput;
        this.rate = rate;
        this.outbox = new Outbox(channel, lane);
        this.identity = new Identity(this, channel, lane, number, services, settings);
        this.sending = new Sending(this, channel, lane, services, settings, identity);
        this.consumers = new Consumers(this, services, settings.autoCreate(), lane, identity);
        this.uploading = sending.uploading();
        this.transactions = new Transactions(
                this, services.transactions(), services.publisher(), services.direct(), uploading, sending::outgoing);
        this.nodes = new NodeRequests(this, transactions, services.transactions());
    }

    /** Whether another node vouches for what comes. */
    boolean isOfGateway() {
        return GatewayClient.of(channel).isPresent();
    }

    Lane lane() {
        return lane;
    }

    Publisher publisher() {
        return services.publisher();
    }

    // ---- writing

    void write(int correlation, Frame frame) {
        outbox.add(correlation, frame);
    }

    /** About so many bytes are written next. */
    void expect(long bytes) {
        outbox.expect(bytes);
    }

    /** Writes a delivery whose body is read while it is written. */
    void write(Deliver delivery, BodyReader body) {
        outbox.add(delivery, body);
    }

    void flush() {
        outbox.flush();
    }

    /** Answers a request; one that wants no answer hears of failures only. */
    void reply(int correlation, Frame frame) {
        if (correlation != 0 || frame instanceof Failed) {
            write(correlation, frame);
            flush();
        }
    }

    void refuse(int correlation, BrokerException cause) {
        refuse(correlation, cause, Reasons.failed(cause));
    }

    void refuseCommit(int correlation, BrokerException cause) {
        if (cause.reason() == Reason.NOT_LEADING) {
            outbox.close(correlation, Reasons.rolledBack(cause)); // which is certain: nothing was written
        } else {
            refuse(correlation, cause, Reasons.rolledBack(cause));
        }
    }

    /** A client whose node does not lead any more has to go to the one that does; there it asks again. */
    private void refuse(int correlation, BrokerException cause, Failed answer) {
        if (cause.reason().isOfAnotherNode()) {
            LOG.debug("closed the JMS connection from {}: {}", ClientAddress.of(channel), cause.getMessage());
            channel.close();
        } else {
            reply(correlation, answer);
        }
    }

    // ---- reading

    @Override
    protected void channelRead0(ChannelHandlerContext context, Envelope envelope) {
        int correlation = envelope.correlation();
        Frame frame = envelope.frame();
        try {
            if (frame instanceof Node node && isOfGateway()) {
                Handshake.complete(channel);
                settling.settle();
                nodes.answer(correlation, node);
            } else if (!connected) {
                connect(correlation, frame);
            } else if (frame instanceof Settle settle) {
                session(settle.sessionId()).settle(settle.ranges(), settling, correlation);
            } else if (frame instanceof Flow flow) {
                consumers.flow(flow);
            } else {
                settling.settle();
                other(correlation, frame);
            }
        } catch (BrokerException e) {
            refuse(correlation, e);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        settling.settle();
        context.fireChannelReadComplete();
    }

    private void other(int correlation, Frame frame) {
        if (frame instanceof Send send) {
            session(send.sessionId());
            checkRate(send.sessionId());
            sending.send(correlation, send);
        } else if (frame instanceof Pull pull) {
            consumers.get(pull.consumerId()).poll(() -> reply(correlation, new Ok()));
        } else if (frame instanceof Commit commit) {
            transactions.commit(correlation, commit);
        } else if (frame instanceof Recover recover) {
            transactions.drop(recover.sessionId());
            session(recover.sessionId()).recover(recover.handed(), correlation);
        } else if (frame instanceof Xa xa) {
            transactions.xa(correlation, xa);
        } else if (frame instanceof MoreMessages more) {
            session(more.sessionId());
            transactions.more(more);
        } else if (frame instanceof BodyPart part) {
            session(part.owner());
            uploading.part(part);
        } else if (frame instanceof Find find) {
            services.sentBefore()
                    .find(
                            find.destination(),
                            find.messageId(),
                            find.deliveryTime(),
                            lane,
                            Reply.of(
                                    stored -> reply(correlation, new Found(stored)),
                                    cause -> refuse(correlation, cause)));
        } else if (frame instanceof Ping) {
            reply(correlation, new Ok());
        } else {
            administer(correlation, frame);
        }
    }

    private void administer(int correlation, Frame frame) {
        if (frame instanceof OpenSession open) {
            checkRoom();
            if (sessions.putIfAbsent(open.sessionId(), new JmsSession(this, open.mode())) != null) {
                throw badRequest("session " + open.sessionId() + " is open already");
            }
            reply(correlation, new Ok());
        } else if (frame instanceof CloseSession close) {
            closeSession(close);
            reply(correlation, new Ok());
        } else if (frame instanceof OpenConsumer open) {
            JmsSession session = session(open.sessionId());
            checkRate(open.sessionId());
            checkRoom();
            consumers.open(correlation, open, session);
        } else if (frame instanceof CloseConsumer close) {
            consumers.close(correlation, close);
        } else if (frame instanceof Unsubscribe unsubscribe) {
            consumers.unsubscribe(correlation, unsubscribe.subscription());
        } else if (frame instanceof SetClientId set) {
            identity.useClientId(set.clientId());
            reply(correlation, new Ok());
        } else if (frame instanceof CreateTemporary create) {
            WireDestination made = create.destination();
            checkTemporary(made);
            services.temporaries().create(made.name(), !made.kind().isQueue(), identity.owner());
            reply(correlation, new Ok());
        } else if (frame instanceof DeleteTemporary delete) {
            checkTemporary(delete.destination());
            services.temporaries().delete(delete.destination().name(), identity.owner());
            reply(correlation, new Ok());
        } else if (frame instanceof Disconnect) {
            leave(false);
            identity.end();
            write(correlation, new Ok());
            flush();
        } else {
            badInput.close(channel, JmsProtocol.NAME, "a frame that only a broker sends: " + name(frame));
        }
    }

    private static void checkTemporary(WireDestination destination) {
        if (!destination.kind().isTemporary() || !destination.name().startsWith(TEMPORARY_PREFIX)) {
            throw badRequest("'" + destination.name() + "' is no name of a temporary destination");
        }
    }

    private static String name(Frame frame) {
        return frame.getClass().getSimpleName();
    }

    private void connect(int correlation, Frame frame) {
        if (!(frame instanceof Connect connect)) {
            badInput.close(channel, JmsProtocol.NAME, "the first frame is " + name(frame) + ", not Connect");
            return;
        }
        if (identity.hasAsked()) {
            badInput.close(channel, JmsProtocol.NAME, "a second Connect");
            return;
        }
        identity.login(
                connect,
                Reply.of(
                        granted -> welcome(correlation, connect, granted),
                        refused -> outbox.close(correlation, Reasons.failed(refused))));
    }

    private void welcome(int correlation, Connect connect, Access granted) {
        connected = true;
        granted.watch(lane, new Rights());
        Handshake.complete(channel);
        channel.pipeline().get(FrameDecoder.class).limit(settings.maxFrameSize());
        int heartbeat = connect.heartbeatMillis();
        if (heartbeat > 0) {
            channel.pipeline().addFirst(new IdleStateHandler(heartbeat * 2L, heartbeat, 0, TimeUnit.MILLISECONDS));
        }
        if (isOfGateway()) {
            write(0, new LetIn(granted.principal().name()));
        }
        reply(correlation, new Connected(number, heartbeat, settings.maxFrameSize(), JmsProtocol.PRODUCT));
    }

    /** Runs a task on the event loop, at once if this is it. */
    void inLane(Runnable task) {
        if (lane.inLane()) {
            task.run();
        } else {
            lane.execute(task);
        }
    }

    /** What to do when the user's permissions change while the connection is open. */
    private final class Rights implements Access.Watcher {
        @Override
        public void permissionsChanged() {
            consumers.checkPermitted();
        }

        @Override
        public void revoked() {
            outbox.close(0, new Failed(WireError.SECURITY, "the user's login is revoked"));
        }
    }

    Access access() {
        return identity.access();
    }

    JmsSession session(int id) {
        JmsSession session = sessions.get(id);
        if (session == null) {
            throw badRequest("there is no session " + id);
        }
        return session;
    }

    private static BrokerException badRequest(String message) {
        return new BrokerException(Reason.INVALID_REQUEST, message);
    }

    private void checkRoom() {
        if (sessions.size() + consumers.size() >= settings.maxObjects()) {
            throw new BrokerException(
                    Reason.LIMIT_EXCEEDED,
                    "a JMS connection has at most " + settings.maxObjects() + " sessions and consumers");
        }
    }

    private void checkRate(int sessionId) {
        if (!rate.admits()) {
            uploading.end(sessionId);
            throw new BrokerException(Reason.LIMIT_EXCEEDED, rate.refusal());
        }
    }

    /** Something is on its way to the log. */
    void sendBegins() {
        sending.begins();
    }

    void sendDone() {
        sending.done();
    }

    // ---- ends

    private void closeSession(CloseSession close) {
        JmsSession session = sessions.remove(close.sessionId());
        uploading.end(close.sessionId());
        if (session != null) {
            transactions.left(close.sessionId(), session, false);
            session.close(close.handed());
            consumers.forget(session);
        }
    }

    /** Returns everything in flight and frees the client id; with {@code lost} the client did not say goodbye. */
    private void leave(boolean lost) {
        settling.settle();
        sessions.forEach((number, session) -> {
            transactions.left(number, session, lost);
            session.close(List.of());
        });
        sessions.clear();
        consumers.forgetAll();
        uploading.end();
        identity.leave();
    }

    /**
     * Its client has come back on another connection: this one ends, and the task runs once nothing that was sent on it
     * is on its way to the log. From any thread.
     */
    void supersede(Runnable whenDone) {
        inLane(() -> {
            channel.close();
            leave(true);
            sending.whenQuiet(whenDone);
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave(true);
        // Until then whoever comes back waits: it may ask what became of what is still on its way.
        sending.whenQuiet(identity::awaitReturn);
        outbox.discard();
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent idle) {
            switch (idle.state()) {
                case READER_IDLE -> {
                    LOG.info("closed the JMS connection from {}: no sign of life", ClientAddress.of(channel));
                    context.close();
                }
                case WRITER_IDLE -> {
                    write(0, new Ping());
                    flush();
                }
                case ALL_IDLE -> {}
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof ProtocolException malformed) {
            badInput.close(channel, JmsProtocol.NAME, String.valueOf(malformed.getMessage()));
        } else if (cause instanceof IOException) {
            LOG.debug("the JMS connection from {} broke: {}", ClientAddress.of(channel), cause.getMessage());
            context.close();
        } else {
            LOG.error("a JMS connection from {} failed", ClientAddress.of(channel), cause);
            outbox.close(0, new Failed(WireError.INTERNAL, "the broker failed"));
        }
    }
}
