/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.ClientOf;
import org.polymq.broker.net.Handshake;
import org.polymq.broker.net.RequestRate;
import org.polymq.jms.gateway.JmsSettings;
import org.polymq.jms.gateway.Outbox;
import org.polymq.jms.gateway.Reasons;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Commit;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.Connected;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Flow;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of a client: sends what it asks to the groups that it concerns. Confined to its event loop. */
final class GatewayConnection extends SimpleChannelInboundHandler<Envelope> implements GroupStream.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayConnection.class);
    private static final String PRODUCT = "PolyMQ";

    private final Channel channel;
    private final long number;
    private final JmsSettings settings;
    private final BadInput badInput;
    private final RequestRate.Gate rate;
    private final Outbox outbox;
    private final Streams streams;
    private final ClientTransactions unfinished;
    private final Router router;
    private final Gathering gathering;
    private final LocalTransactions transactions;
    private final GlobalBranches branches;
    private final HeldBodies bodies;
    private final Map<Integer, GatewaySession> sessions = new HashMap<>();
    private final Map<Integer, GatewayConsumer> consumers = new HashMap<>();
    /** What came while the first of them waits to be told where a queue is. */
    private final Deque<Envelope> waiting = new ArrayDeque<>();

    private boolean paused;
    private boolean asked;
    private int helloCorrelation;
    private boolean connected;
    private boolean over;

    GatewayConnection(
            Channel channel, Lane lane, long number, JmsGateway.Parts parts, HeldBodies bodies, RequestRate.Gate rate) {
        this.channel = channel;
        this.number = number;
        this.settings = parts.settings();
        this.badInput = parts.badInput();
        this.rate = rate;
        this.bodies = bodies;
        this.outbox = new Outbox(channel, lane);
        this.unfinished = new ClientTransactions(parts.resolver(), lane);
        this.streams =
                new Streams(parts.links(), ClientOf.channel(channel), channel.eventLoop(), lane, unfinished, this);
        this.gathering = new Gathering(bodies);
        this.router = new Router(new QueuePlaces(parts.links(), channel.eventLoop()), streams, bodies, gathering);
        this.transactions = new LocalTransactions(router, gathering, unfinished);
        this.branches = new GlobalBranches(streams, router, gathering, unfinished, sessions::get);
    }

    // ---- writing

    /** Sends the client what wants no answer. */
    void write(Frame frame) {
        outbox.add(0, frame);
        outbox.flush();
    }

    /** Answers a request; one that wants no answer hears of failures only. */
    private void reply(int correlation, Frame frame) {
        if (!over && (correlation != 0 || frame instanceof Failed)) {
            outbox.add(correlation, frame);
            outbox.flush();
        }
    }

    private Consumer<Frame> replyTo(int correlation) {
        return frame -> reply(correlation, frame);
    }

    // ---- reading

    @Override
    protected void channelRead0(ChannelHandlerContext context, Envelope envelope) {
        if (over) {
            return;
        }
        if (!connected) {
            connect(envelope.correlation(), envelope.frame());
        } else if (paused) {
            waiting.add(envelope);
        } else {
            router.begin();
            take(envelope);
        }
    }

    private void take(Envelope envelope) {
        try {
            WireDestination unknown = router.unknown(envelope.frame());
            if (unknown == null) {
                handle(envelope.correlation(), envelope.frame());
            } else {
                locate(unknown, envelope);
            }
        } catch (BrokerException e) {
            refuse(envelope, e);
        }
    }

    private void refuse(Envelope envelope, BrokerException why) {
        if (envelope.frame() instanceof Send send) {
            bodies.end(send.sessionId());
        }
        reply(envelope.correlation(), Reasons.failed(why));
    }

    /** Asks where a queue is; until it is known nothing that came later is done. */
    private void locate(WireDestination queue, Envelope envelope) {
        CompletionStage<Integer> place = router.ask(queue);
        paused = true;
        readinessChanged();
        place.whenComplete((slot, failure) -> channel.eventLoop().execute(() -> {
            if (over) {
                return;
            }
            if (failure != null) {
                fail("it is not known in which group '" + queue.name() + "' is: " + failure.getMessage());
                return;
            }
            paused = false;
            take(envelope);
            while (!paused && !waiting.isEmpty()) {
                take(waiting.remove());
            }
            readinessChanged();
        }));
    }

    private void handle(int correlation, Frame frame) {
        Consumer<Frame> reply = replyTo(correlation);
        if (frame instanceof Settle settle) {
            session(settle.sessionId()).settle(settle, correlation != 0, reply);
        } else if (frame instanceof Flow flow) {
            GatewayConsumer consumer = consumers.get(flow.consumerId());
            if (consumer != null) { // It may have been closed meanwhile.
                consumer.flow(flow);
            }
        } else if (frame instanceof Send send) {
            checkRate();
            router.send(session(send.sessionId()), send, correlation != 0, reply);
        } else if (frame instanceof Pull pull) {
            consumer(pull.consumerId()).pull(reply);
        } else if (frame instanceof Commit commit) {
            transactions.commit(session(commit.sessionId()), commit, reply);
        } else if (frame instanceof Recover recover) {
            gathering.drop(recover.sessionId());
            session(recover.sessionId()).recover(recover.handed(), reply);
        } else if (frame instanceof Xa xa) {
            branches.handle(xa, reply);
        } else if (frame instanceof MoreMessages more) {
            session(more.sessionId());
            gathering.more(more);
        } else if (frame instanceof BodyPart part) {
            session(part.owner());
            bodies.part(part);
        } else if (frame instanceof Find find) {
            router.to(find.destination()).request(find, reply);
        } else if (frame instanceof Ping) {
            reply.accept(new Ok());
        } else {
            administer(frame, reply);
        }
    }

    private void administer(Frame frame, Consumer<Frame> reply) {
        if (frame instanceof OpenSession open) {
            checkRoom();
            if (sessions.putIfAbsent(open.sessionId(), new GatewaySession(this, streams, open)) != null) {
                throw badRequest("session " + open.sessionId() + " is open already");
            }
            reply.accept(new Ok());
        } else if (frame instanceof CloseSession close) {
            closeSession(close, reply);
        } else if (frame instanceof OpenConsumer open) {
            checkRate();
            checkRoom();
            open(session(open.sessionId()), open, reply);
        } else if (frame instanceof CloseConsumer close) {
            GatewayConsumer consumer = consumers.get(close.consumerId());
            if (consumer == null) {
                reply.accept(new Ok());
            } else {
                consumer.session().close(consumer, close.handed(), reply);
            }
        } else if (frame instanceof Unsubscribe unsubscribe) {
            unsubscribe(unsubscribe, reply);
        } else if (frame instanceof SetClientId set) {
            streams.useClientId(set.clientId(), reply);
        } else if (frame instanceof CreateTemporary create) {
            router.to(create.destination()).request(create, reply);
        } else if (frame instanceof DeleteTemporary delete) {
            router.to(delete.destination()).request(delete, reply);
        } else if (frame instanceof Disconnect) {
            disconnect(reply);
        } else {
            badInput.close(channel, JmsGateway.NAME, "a frame that only a broker sends: " + name(frame));
        }
    }

    private static String name(Frame frame) {
        return frame.getClass().getSimpleName();
    }

    private void connect(int correlation, Frame frame) {
        if (!(frame instanceof Connect hello) || asked) {
            badInput.close(
                    channel,
                    JmsGateway.NAME,
                    asked ? "a second Connect" : "the first frame is " + name(frame) + ", not Connect");
            return;
        }
        asked = true;
        helloCorrelation = correlation;
        streams.connect(hello, answer -> {
            if (answer instanceof Connected) {
                welcome(correlation, hello);
            } else {
                end();
                outbox.close(correlation, answer);
            }
        });
    }

    private void welcome(int correlation, Connect hello) {
        connected = true;
        Handshake.complete(channel);
        channel.pipeline().get(FrameDecoder.class).limit(settings.maxFrameSize());
        int heartbeat = hello.heartbeatMillis();
        if (heartbeat > 0) {
            channel.pipeline().addFirst(new IdleStateHandler(heartbeat * 2L, heartbeat, 0, TimeUnit.MILLISECONDS));
        }
        reply(correlation, new Connected(number, heartbeat, settings.maxFrameSize(), PRODUCT));
    }

    // ---- sessions and consumers

    private GatewaySession session(int id) {
        GatewaySession session = sessions.get(id);
        if (session == null) {
            throw badRequest("there is no session " + id);
        }
        return session;
    }

    private GatewayConsumer consumer(int id) {
        GatewayConsumer consumer = consumers.get(id);
        if (consumer == null) {
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

    private void checkRate() {
        if (!rate.admits()) {
            throw new BrokerException(Reason.LIMIT_EXCEEDED, rate.refusal());
        }
    }

    private void open(GatewaySession session, OpenConsumer open, Consumer<Frame> reply) {
        boolean everywhere = streams.groups() > 1 && Router.isEverywhere(open);
        GatewayConsumer consumer = everywhere
                ? new MergedConsumer(session, open)
                : new WholeConsumer(session, open, router.slotOf(open.destination()));
        if (consumers.putIfAbsent(open.consumerId(), consumer) != null) {
            throw badRequest("consumer " + open.consumerId() + " is open already");
        }
        session.add(consumer);
        consumer.open(answer -> {
            if (answer instanceof Failed) {
                session.remove(consumer);
            }
            reply.accept(answer);
        });
    }

    /** A session has nothing to do with a consumer any more. */
    void forget(GatewayConsumer consumer) {
        consumers.remove(consumer.id(), consumer);
    }

    private void closeSession(CloseSession close, Consumer<Frame> reply) {
        GatewaySession session = sessions.remove(close.sessionId());
        bodies.end(close.sessionId());
        gathering.drop(close.sessionId());
        if (session == null) {
            reply.accept(new Ok());
        } else {
            session.close(close.handed(), reply);
        }
    }

    /** In all groups; it is enough if one of them had it. */
    private void unsubscribe(Unsubscribe unsubscribe, Consumer<Frame> reply) {
        List<GroupStream> all = streams.all();
        int[] missing = {0};
        Answers answers = new Answers(
                all.size(),
                answer -> reply.accept(
                        missing[0] == all.size()
                                ? new Failed(
                                        WireError.INVALID_DESTINATION,
                                        "there is no durable subscription '" + unsubscribe.subscription() + "'")
                                : answer));
        all.forEach(stream -> stream.request(unsubscribe, answer -> {
            boolean none = answer instanceof Failed failed && failed.error() == WireError.INVALID_DESTINATION;
            missing[0] += none ? 1 : 0;
            answers.accept(none ? new Ok() : answer);
        }));
    }

    private void disconnect(Consumer<Frame> reply) {
        List<GroupStream> open = streams.open();
        Answers answers = new Answers(open.size(), answer -> {
            reply.accept(new Ok());
            end();
        });
        open.forEach(stream -> stream.request(new Disconnect(), answers));
    }

    // ---- what the groups send

    @Override
    public void arrived(GroupStream from, Frame frame) {
        GatewayConsumer consumer = consumers.get(consumerOf(frame));
        if (consumer != null) {
            consumer.session().arrived(from, consumer, frame);
        }
    }

    private static int consumerOf(Frame frame) {
        if (frame instanceof Deliver delivery) {
            return delivery.consumerId();
        }
        return frame instanceof BodyPart part ? part.owner() : ((ConsumerClosed) frame).consumerId();
    }

    @Override
    public void refused(Failed failed) {
        reply(0, failed);
    }

    @Override
    public void lost(GroupStream stream, String why) {
        if (connected) {
            fail("the stream to group " + stream.slot() + " ended: " + why);
        } else if (!over) {
            end();
            outbox.close(helloCorrelation, new Failed(WireError.UNAVAILABLE, why));
        }
    }

    /** The client has to come back: its library does, and goes on where it was. */
    void fail(String why) {
        if (!over) {
            LOG.info("the JMS connection from {} ends: {}", channel.remoteAddress(), why);
            end();
            channel.close();
        }
    }

    // ---- reading and ends

    @Override
    public void readinessChanged() {
        boolean reading = !paused && streams.takeMore();
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        readinessChanged();
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        streams.reading(channel.isWritable());
        context.fireChannelWritabilityChanged();
    }

    private void end() {
        over = true;
        streams.close();
        unfinished.abandon();
        bodies.end();
        waiting.clear();
        sessions.clear();
        consumers.clear();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        outbox.discard();
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent idle) {
            switch (idle.state()) {
                case READER_IDLE -> fail("no sign of life");
                case WRITER_IDLE -> write(new Ping());
                case ALL_IDLE -> {}
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, @Nullable Throwable cause) {
        if (cause instanceof ProtocolException malformed) {
            badInput.close(channel, JmsGateway.NAME, String.valueOf(malformed.getMessage()));
        } else if (cause instanceof IOException) {
            LOG.debug("the JMS connection from {} broke: {}", channel.remoteAddress(), cause.getMessage());
            context.close();
        } else {
            LOG.error("a JMS connection from {} failed", channel.remoteAddress(), cause);
            outbox.close(0, new Failed(WireError.INTERNAL, "the gateway failed"));
        }
    }
}
