/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.jms.gateway.Outbox;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.BodyPart;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.LetIn;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.Ping;
import org.polymq.jms.wire.FrameDecoder;
import org.polymq.jms.wire.Protocol;

/**
 * A stream to the leader of one group: requests and their answers, in order. What is asked before the stream is ready
 * waits. Confined to the event loop of its client's connection.
 */
final class GroupStream extends SimpleChannelInboundHandler<Envelope> {
    /** The longest silence of either side, ms; after twice that the stream is lost. */
    static final int HEARTBEAT = 30_000;

    private static final int MOST_WAITING = 256;
    private static final int MAX_INCOMING_FRAME = 256 << 20;

    private final int slot;
    private final Lane lane;
    private final Owner owner;
    private final Map<Integer, Consumer<Frame>> pending = new HashMap<>();
    private List<Envelope> waiting = new ArrayList<>();
    private @Nullable Channel channel;
    private @Nullable Outbox outbox;
    private @Nullable String principal;
    private boolean ready;
    private boolean over;
    private int correlations;

    /** Whom a stream serves. */
    interface Owner {
        /** A delivery, a piece of one, or the end of a consumer. */
        void arrived(GroupStream from, Frame frame);

        /** A request that wanted no answer was refused. */
        void refused(Failed failed);

        /** {@link #takesMore} may answer otherwise now. */
        void readinessChanged();

        /** There is no stream, or none any more; told once, and not after {@link #close}. */
        void lost(GroupStream stream, String why);
    }

    GroupStream(int slot, Lane lane, Owner owner) {
        this.slot = slot;
        this.lane = lane;
        this.owner = owner;
    }

    int slot() {
        return slot;
    }

    /** As whom the group has let the client in; null before it has. */
    @Nullable
    String principal() {
        return principal;
    }

    /** Opens it; the task runs when it takes {@link #now} requests. */
    void open(GroupLinks links, GatewayClient client, EventLoop loop, Runnable opened) {
        ChannelInitializer<Channel> handlers = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel made) {
                made.pipeline()
                        .addLast(
                                new IdleStateHandler(HEARTBEAT * 2L, HEARTBEAT, 0, TimeUnit.MILLISECONDS),
                                new FrameDecoder(MAX_INCOMING_FRAME),
                                GroupStream.this);
            }
        };
        links.open(slot, GroupLinks.Speaks.JMS, client, loop, handlers)
                .whenComplete((made, failure) -> inLane(() -> {
                    if (failure != null) {
                        lost(String.valueOf(failure.getMessage()));
                    } else if (over) {
                        made.close();
                    } else {
                        begin(made);
                        opened.run();
                    }
                }));
    }

    private void inLane(Runnable task) {
        if (lane.inLane()) {
            task.run();
        } else {
            lane.execute(task);
        }
    }

    private void begin(Channel made) {
        channel = made;
        outbox = new Outbox(made, lane);
        made.write(made.alloc()
                .buffer(Protocol.PREAMBLE_LENGTH)
                .writeInt(Protocol.MAGIC)
                .writeByte(Protocol.VERSION));
        if (!made.isActive()) {
            lost("the stream was closed at once");
        }
    }

    // ---- requests

    /** Sends a request; the answer goes to the handler, unless the stream is lost before. */
    void request(Frame frame, Consumer<Frame> reply) {
        pending.put(next(), reply);
        send(new Envelope(correlations, frame));
    }

    /** Sends a frame that wants no answer. */
    void tell(Frame frame) {
        send(new Envelope(0, frame));
    }

    private void send(Envelope envelope) {
        if (ready) {
            write(envelope);
        } else if (!over) {
            waiting.add(envelope);
        }
    }

    /** Sends a request before those that wait until the stream is ready. */
    void now(Frame frame, Consumer<Frame> reply) {
        pending.put(next(), reply);
        write(new Envelope(correlations, frame));
    }

    private int next() {
        correlations = correlations == -1 ? 1 : correlations + 1;
        return correlations;
    }

    private void write(Envelope envelope) {
        Outbox out = outbox;
        if (out != null && !over) {
            out.add(envelope.correlation(), envelope.frame());
            out.flush();
        }
    }

    /** The group serves the client: what waits is sent. */
    void becomeReady() {
        if (!ready && !over) {
            ready = true;
            waiting.forEach(this::write);
            waiting = List.of();
            owner.readinessChanged();
        }
    }

    /** Whether requests should go on. */
    boolean takesMore() {
        Channel made = channel;
        return (ready && made != null) ? made.isWritable() : waiting.size() < MOST_WAITING;
    }

    /** Whether what the group sends is read. */
    void reading(boolean on) {
        Channel made = channel;
        if (made != null && made.config().isAutoRead() != on) {
            made.config().setAutoRead(on);
        }
    }

    /** Ends it; nobody is told. */
    void close() {
        over = true;
        waiting = List.of();
        pending.clear();
        if (channel != null) {
            channel.close();
        }
    }

    private void lost(String why) {
        if (!over) {
            close();
            owner.lost(this, why);
        }
    }

    // ---- what comes

    @Override
    protected void channelRead0(ChannelHandlerContext context, Envelope envelope) {
        Frame frame = envelope.frame();
        if (over) {
            return;
        }
        if (frame instanceof Deliver || frame instanceof BodyPart || frame instanceof ConsumerClosed) {
            owner.arrived(this, frame);
        } else if (frame instanceof Ping) {
            if (envelope.correlation() != 0) {
                write(new Envelope(envelope.correlation(), new Ok()));
            }
        } else if (frame instanceof LetIn letIn) {
            principal = letIn.principal();
        } else {
            answered(envelope.correlation(), frame);
        }
    }

    private void answered(int correlation, Frame frame) {
        Consumer<Frame> reply = pending.remove(correlation);
        if (reply != null) {
            reply.accept(frame);
        } else if (frame instanceof Failed failed) {
            owner.refused(failed);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        owner.readinessChanged();
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent idle) {
            switch (idle.state()) {
                case READER_IDLE -> lost("no sign of life for " + HEARTBEAT * 2L + " ms");
                case WRITER_IDLE -> write(new Envelope(0, new Ping()));
                case ALL_IDLE -> {}
            }
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        lost(String.valueOf(cause.getMessage()));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (outbox != null) {
            outbox.discard();
        }
        lost("the group's leader closed the stream");
    }
}
