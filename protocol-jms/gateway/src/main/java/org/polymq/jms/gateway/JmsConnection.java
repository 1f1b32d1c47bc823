/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.BodyReader;
import org.polymq.broker.message.Destination;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.RequestRate;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Credentials;
import org.polymq.broker.security.Origin;
import org.polymq.broker.subscription.Consumer;
import org.polymq.broker.subscription.SubscriptionKey;
import org.polymq.broker.topic.TopicKind;
import org.polymq.jms.gateway.Instances.Instance;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Found;
import org.polymq.jms.wire.Frame.MoreMessages;
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
import org.polymq.jms.wire.WireMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of a JMS client: takes its frames and answers them. Confined to its event loop. */
final class JmsConnection extends SimpleChannelInboundHandler<Envelope> {
    private static final Logger LOG = LoggerFactory.getLogger(JmsConnection.class);
    /** Above this many sends without an answer from the log the connection is not read; below half of it, it is. */
    private static final int MAX_PENDING_SENDS = 4_096;

    /** How names of temporary destinations begin; clients add what nobody can guess. */
    private static final String TEMPORARY_PREFIX = "$temporary-";

    /** How long a client whose connection broke may come back to its temporary destinations. */
    private static final long RESUME_MILLIS = 60_000;

    private final Channel channel;
    private final Lane lane;
    private final long number;
    private final JmsServices services;
    private final JmsSettings settings;
    private final BadInput badInput;
    private final RequestRate.Gate rate;
    private final Map<Integer, JmsSession> sessions = new HashMap<>();
    private final Map<Integer, JmsConsumer> consumers = new HashMap<>();
    private boolean loggingIn;
    private boolean connected;
    private @Nullable Access access;
    private @Nullable String clientId;
    /** What the client shows again after a break; owns its temporary destinations. */
    private @Nullable Instance instance;

    private @Nullable Runnable whenQuiet;
    private int pendingSends;
    private boolean sendsFull;
    private final Outbox outbox;
    private final Settling settling = new Settling();
    private final Uploading uploading;
    private final Transactions transactions;

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
        this.uploading = new Uploading(services.publisher(), lane, this::setReading);
        this.transactions = new Transactions(
                this, services.transactions(), services.publisher(), services.direct(), uploading, this::outgoing);
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

    // ---- reading

    @Override
    protected void channelRead0(ChannelHandlerContext context, Envelope envelope) {
        int correlation = envelope.correlation();
        Frame frame = envelope.frame();
        try {
            if (!connected) {
                connect(correlation, frame);
            } else if (frame instanceof Settle settle) {
                session(settle.sessionId()).settle(settle.ranges(), settling, correlation);
            } else if (frame instanceof Flow flow) {
                flow(flow);
            } else {
                settling.settle();
                other(correlation, frame);
            }
        } catch (BrokerException e) {
            reply(correlation, Reasons.failed(e));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        settling.settle();
        context.fireChannelReadComplete();
    }

    private void other(int correlation, Frame frame) {
        if (frame instanceof Send send) {
            send(correlation, send);
        } else if (frame instanceof Pull pull) {
            consumer(pull.consumerId()).poll(() -> reply(correlation, new Ok()));
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
                            cause -> reply(correlation, Reasons.failed(cause))));
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
            openConsumer(correlation, open);
        } else if (frame instanceof CloseConsumer close) {
            JmsConsumer consumer = consumers.remove(close.consumerId());
            if (consumer == null) {
                reply(correlation, new Ok());
            } else {
                consumer.session().close(consumer, close.handed(), correlation);
            }
        } else if (frame instanceof Unsubscribe unsubscribe) {
            unsubscribe(correlation, unsubscribe.subscription());
        } else if (frame instanceof SetClientId set) {
            takeClientId(set.clientId());
            reply(correlation, new Ok());
        } else if (frame instanceof CreateTemporary create) {
            WireDestination made = create.destination();
            checkTemporary(made);
            services.temporaries().create(made.name(), !made.kind().isQueue(), owner());
            reply(correlation, new Ok());
        } else if (frame instanceof DeleteTemporary delete) {
            checkTemporary(delete.destination());
            services.temporaries().delete(delete.destination().name(), owner());
            reply(correlation, new Ok());
        } else if (frame instanceof Disconnect) {
            leave(false);
            end();
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
        if (loggingIn) {
            badInput.close(channel, JmsProtocol.NAME, "a second Connect");
            return;
        }
        loggingIn = true;
        Credentials credentials = connect.user() == null
                ? new Credentials.Anonymous()
                : new Credentials.Password(connect.user(), connect.password() == null ? "" : connect.password());
        services.authenticator()
                .login(
                        credentials,
                        Origin.of(JmsProtocol.NAME, channel),
                        lane,
                        Reply.of(
                                granted -> loggedIn(correlation, connect, granted),
                                refused -> refuse(correlation, refused)));
    }

    private void refuse(int correlation, BrokerException refused) {
        outbox.close(correlation, Reasons.failed(refused));
    }

    private void loggedIn(int correlation, Connect connect, Access granted) {
        if (!channel.isActive()) {
            return;
        }
        access = granted;
        String user = granted.principal().name();
        try {
            instance = services.instances()
                    .take(connect.instance(), user, this, () -> inLane(() -> welcome(correlation, connect, granted)));
        } catch (BrokerException e) {
            refuse(correlation, e);
        }
    }

    private void inLane(Runnable task) {
        if (lane.inLane()) {
            task.run();
        } else {
            lane.execute(task);
        }
    }

    private void welcome(int correlation, Connect connect, Access granted) {
        if (!channel.isActive()) {
            return;
        }
        if (connect.clientId() != null) {
            try {
                takeClientId(connect.clientId());
            } catch (BrokerException e) {
                refuse(correlation, e);
                return;
            }
        }
        connected = true;
        listed();
        granted.watch(lane, new Rights());
        Handshake.complete(channel);
        channel.pipeline().get(FrameDecoder.class).limit(settings.maxFrameSize());
        int heartbeat = connect.heartbeatMillis();
        if (heartbeat > 0) {
            channel.pipeline().addFirst(new IdleStateHandler(heartbeat * 2L, heartbeat, 0, TimeUnit.MILLISECONDS));
        }
        reply(correlation, new Connected(number, heartbeat, settings.maxFrameSize(), JmsProtocol.PRODUCT));
    }

    /** What to do when the user's permissions change while the connection is open. */
    private final class Rights implements Access.Watcher {
        @Override
        public void permissionsChanged() {
            List.copyOf(consumers.values()).forEach(consumer -> {
                try {
                    consumer.checkPermitted();
                } catch (BrokerException denied) {
                    consumer.revoked(String.valueOf(denied.getMessage()));
                }
            });
        }

        @Override
        public void revoked() {
            outbox.close(0, new Failed(WireError.SECURITY, "the user's login is revoked"));
        }
    }

    Access access() {
        if (access == null) {
            throw new IllegalStateException("nobody has logged in");
        }
        return access;
    }

    private void takeClientId(String wanted) {
        if (clientId != null) {
            throw new BrokerException(
                    Reason.ALREADY_EXISTS, "the connection's client id is '" + clientId + "' already");
        }
        access().useClientId(wanted);
        services.clientIds().take(wanted, this);
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

    /** Whose the temporary destinations are. */
    private Object owner() {
        return instance == null ? this : instance;
    }

    JmsSession session(int id) {
        JmsSession session = sessions.get(id);
        if (session == null) {
            throw badRequest("there is no session " + id);
        }
        return session;
    }

    private JmsConsumer consumer(int id) {
        JmsConsumer consumer = consumers.get(id);
        if (consumer == null || !consumer.isAttached()) {
            throw badRequest("there is no consumer " + id);
        }
        return consumer;
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

    // ---- sending

    private void send(int correlation, Send send) {
        session(send.sessionId());
        checkRate(send.sessionId());
        Outgoing outgoing;
        try {
            outgoing = uploading.withBody(outgoing(send.message()), send.sessionId(), 0);
        } catch (BrokerException refused) {
            uploading.end(send.sessionId());
            throw refused;
        }
        sendBegins();
        Reply<Stored> reply = new Reply<>() {
            @Override
            public void ok(Stored stored) {
                sendDone();
                reply(correlation, new Ok());
            }

            @Override
            public void failed(BrokerException cause) {
                sendDone();
                reply(correlation, Reasons.failed(cause));
            }
        };
        boolean direct = outgoing.direct() != null;
        if (direct && correlation != 0 && instance != null) {
            deliverOnce(outgoing, send, instance.sent(), reply);
        } else if (send.again() && !direct) {
            publishOnce(send.message(), outgoing, reply);
        } else {
            services.publisher().publish(outgoing, lane, reply);
        }
    }

    /** No log remembers it: a client that sends it again has to come back soon. */
    private void deliverOnce(Outgoing outgoing, Send send, RecentIds sent, Reply<Stored> reply) {
        String id = send.message().id();
        if (send.again() && sent.contains(id)) {
            reply.ok(Stored.unstored());
            return;
        }
        services.publisher()
                .publish(
                        outgoing,
                        lane,
                        Reply.of(
                                delivered -> {
                                    sent.add(id);
                                    reply.ok(delivered);
                                },
                                reply::failed));
    }

    /** The client does not know whether it was stored: its id tells. */
    private void publishOnce(WireMessage message, Outgoing outgoing, Reply<Stored> reply) {
        services.sentBefore()
                .find(
                message.destination(),
                message.id(),
                outgoing.message().deliverAt(),
                lane,
                Reply.of(
                        stored -> {
                            if (stored) {
                                outgoing.abandon();
                                reply.ok(Stored.unstored());
                            } else {
                                services.publisher().publish(outgoing, lane, reply);
                            }
                        },
                        refused -> {
                            outgoing.abandon();
                            reply.failed(refused);
                        }));
    }

    /** Something is on its way to the log. */
    void sendBegins() {
        pendingSends++;
        if (pendingSends == MAX_PENDING_SENDS) {
            sendsFull = true;
            setReading();
        }
    }

    void sendDone() {
        pendingSends--;
        tellQuiet();
        if (pendingSends == MAX_PENDING_SENDS / 2) {
            sendsFull = false;
            setReading();
        }
    }

    private void setReading() {
        boolean reading = !sendsFull && !uploading.isFull();
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    private Outgoing outgoing(WireMessage message) {
        Outgoing outgoing = MessageTranslator.toCore(message, producer(), (InetSocketAddress) channel.remoteAddress());
        if (outgoing.direct() == null) {
            String name = outgoing.message().address().name();
            if (!settings.autoCreate()) {
                ConsumerOpener.checkExists(
                        services, outgoing.message().address().topic());
            }
            access().publish(outgoing.kind() == TopicKind.QUEUE ? Destination.queue(name) : Destination.topic(name));
        }
        return outgoing;
    }

    /** What messages of this connection name as their producer. */
    private String producer() {
        return clientId != null ? clientId : "jms-" + Long.toHexString(settings.runId()) + "-" + number;
    }

    // ---- consuming

    private void flow(Flow flow) {
        JmsConsumer consumer = consumers.get(flow.consumerId());
        if (consumer != null
                && consumer
                        .isAttached()) { // Else it was closed, by the client or with its destination, while this was on
            // its way.
            consumer.flow(flow.handed(), flow.messages(), flow.bytes());
        }
    }

    private void openConsumer(int correlation, OpenConsumer open) {
        JmsSession session = session(open.sessionId());
        checkRate(open.sessionId());
        checkRoom();
        JmsConsumer consumer = new JmsConsumer(open, session);
        if (open.kind() == ConsumerKind.SHARED_TOPIC && open.subscription() != null) {
            SubscriptionKey shared = SubscriptionKey.jmsShared(clientId == null ? "" : clientId, open.subscription());
            ConsumerOpener opener = new ConsumerOpener(services, settings.autoCreate(), lane, owner());
            consumer.whenLeft(() -> opener.sharedConsumerLeft(shared));
        }
        if (consumers.putIfAbsent(open.consumerId(), consumer) != null) {
            throw badRequest("consumer " + open.consumerId() + " is open already");
        }
        try {
            consumer.permittedBy(() -> ConsumerOpener.checkPermitted(open, access()));
            consumer.checkPermitted();
            new ConsumerOpener(services, settings.autoCreate(), lane, owner())
                    .open(open, clientId, producer(), access(), consumer, new Reply<>() {
                        @Override
                        public void ok(Consumer opened) {
                            consumer.attached(opened);
                            if (session.isClosed()) {
                                consumer.close(List.of());
                                return;
                            }
                            session.add(consumer);
                            reply(correlation, new Ok());
                        }

                        @Override
                        public void failed(BrokerException cause) {
                            consumers.remove(open.consumerId(), consumer);
                            reply(correlation, Reasons.failed(cause));
                        }
                    });
        } catch (BrokerException e) {
            consumers.remove(open.consumerId(), consumer);
            throw e;
        }
    }

    private void unsubscribe(int correlation, String subscription) {
        SubscriptionKey key = SubscriptionKey.jmsDurable(clientId == null ? "" : clientId, subscription);
        services.subscriptions()
                .find(key)
                .ifPresent(existing ->
                        access().requireOwner(ConsumerOpener.ownerOf(existing), "subscription '" + subscription + "'"));
        services.subscriptions()
                .unsubscribe(
                        key,
                        lane,
                        Reply.<Done>of(
                                done -> reply(correlation, new Ok()),
                                cause -> reply(correlation, Reasons.failed(cause))));
    }

    // ---- ends

    private void closeSession(CloseSession close) {
        JmsSession session = sessions.remove(close.sessionId());
        uploading.end(close.sessionId());
        if (session != null) {
            transactions.left(close.sessionId(), session, false);
            session.close(close.handed());
            consumers.values().removeIf(consumer -> consumer.session() == session);
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
        consumers.clear();
        uploading.end();
        if (access != null) {
            access.close();
        }
        if (clientId != null) {
            services.clientIds().release(clientId, this);
            clientId = null;
        }
    }

    /** The client is done with what it could come back to. */
    private void end() {
        if (instance != null && services.instances().ended(instance, this)) {
            services.temporaries().deleteAll(instance);
        }
        instance = null;
    }

    /** The network connection broke: the client may come back to its temporary destinations for a while. */
    private void awaitReturn() {
        Instance left = instance;
        instance = null;
        if (left == null) {
            return;
        }
        int since = services.instances().broken(left, this);
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

    /**
     * Its client has come back on another connection: this one ends, and the task runs once nothing that was sent on it
     * is on its way to the log. From any thread.
     */
    void supersede(Runnable whenDone) {
        inLane(() -> {
            channel.close();
            leave(true);
            whenQuiet = whenDone;
            tellQuiet();
        });
    }

    private void tellQuiet() {
        Runnable task = whenQuiet;
        if (task != null && pendingSends == 0) {
            whenQuiet = null;
            task.run();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave(true);
        awaitReturn();
        outbox.discard();
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent idle) {
            switch (idle.state()) {
                case READER_IDLE -> {
                    LOG.info("closed the JMS connection from {}: no sign of life", channel.remoteAddress());
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
            LOG.debug("the JMS connection from {} broke: {}", channel.remoteAddress(), cause.getMessage());
            context.close();
        } else {
            LOG.error("a JMS connection from {} failed", channel.remoteAddress(), cause);
            outbox.close(0, new Failed(WireError.INTERNAL, "the broker failed"));
        }
    }
}
