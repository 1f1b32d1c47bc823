/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.FrameDecoder;
import org.polymq.remoting.wire.FrameLimits;
import org.polymq.remoting.wire.FrameWriter;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.QueueData;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.body.TopicRouteData;
import org.polymq.remoting.wire.header.BrokerIdentity;
import org.polymq.remoting.wire.header.RegisterBrokerHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker's connection to one name server. Its state is confined to its event loop. */
final class RegistrationLink {
    private static final Logger log = LoggerFactory.getLogger(RegistrationLink.class);
    private static final long FIRST_RETRY_MILLIS = 1000;
    private static final long LAST_RETRY_MILLIS = 10_000;
    private static final int REQUEST_SECONDS = 6;
    /** From this many topics on a registration is deflated: RocketMQ's limit is a frame of 16 MiB. */
    private static final int DEFLATE_FROM = 500;

    private final EventLoop loop;
    private final InetSocketAddress nameServer;
    private final String haServerAddress;
    private final BrokerProof proof;
    private final Duration interval;
    private final CompletableFuture<Void> registered = new CompletableFuture<>();
    private final Map<Integer, Consumer<RemotingCommand>> waiting = new HashMap<>();

    /**
     * Connections that stopped answering. They are closed when another has registered: their loss would be the route's.
     */
    private final List<Channel> silent = new ArrayList<>();

    private BrokerIdentity broker;
    private TopicTable topics;
    private @Nullable Channel channel;
    private int opaque;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean failing;
    private boolean closed;

    RegistrationLink(
            EventLoop loop,
            InetSocketAddress nameServer,
            BrokerIdentity broker,
            String haServerAddress,
            BrokerProof proof,
            TopicTable topics,
            Duration interval) {
        this.loop = loop;
        this.nameServer = nameServer;
        this.broker = broker;
        this.haServerAddress = haServerAddress;
        this.proof = proof;
        this.topics = topics;
        this.interval = interval;
    }

    void start() {
        loop.execute(this::connect);
        var unused = loop.scheduleWithFixedDelay(
                this::tick, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    CompletableFuture<Void> registered() {
        return registered;
    }

    /** Any thread. */
    void topicChanged(TopicConfig topic) {
        loop.execute(() -> {
            TopicRouteData route = new TopicRouteData("", List.of(), List.of(QueueData.of(broker.brokerName(), topic)));
            ExtFields fields = new ExtFields().with("topic", topic.name());
            request(RequestCode.REGISTER_TOPIC_IN_NAMESRV, fields, route.encode(true), answer -> {
                if (answer.code() != ResponseCode.SUCCESS) {
                    register(); // an older name server knows whole registrations only
                }
            });
        });
    }

    /** Any thread. */
    void become(BrokerIdentity identity, TopicTable table) {
        loop.execute(() -> {
            broker = identity;
            topics = table;
            register();
        });
    }

    /** Any thread. */
    void registerNow() {
        loop.execute(this::register);
    }

    /** Any thread. Done when the name server has taken the broker off, or cannot be reached. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            closed = true;
            registered.complete(null);
            List.copyOf(silent).forEach(Channel::close);
            Channel open = channel;
            if (open == null) {
                done.complete(null);
                return;
            }
            open.closeFuture().addListener(future -> done.complete(null));
            request(RequestCode.UNREGISTER_BROKER, broker.toFields(), new byte[0], answer -> {
                var unused = open.close();
            });
        });
        return done;
    }

    // ---- on the event loop

    private void connect() {
        if (closed) {
            return;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 3000)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel fresh) {
                        fresh.pipeline()
                                .addLast(new FrameDecoder(FrameLimits.DEFAULT))
                                .addLast(new Answers());
                    }
                })
                .connect(nameServer);
        connecting.addListener((ChannelFuture future) -> {
            if (future.isSuccess()) {
                channel = future.channel();
                retryMillis = FIRST_RETRY_MILLIS;
                register();
            } else {
                failed(String.valueOf(future.cause().getMessage()));
                reconnectLater();
            }
        });
    }

    private void failed(String why) {
        if (!failing && !closed) {
            failing = true;
            log.warn("cannot register with the name server {}: {}; trying on", nameServer, why);
        }
    }

    private void reconnectLater() {
        if (!closed && !loop.isShuttingDown()) {
            var unused = loop.schedule(this::connect, retryMillis, TimeUnit.MILLISECONDS);
            retryMillis = Math.min(LAST_RETRY_MILLIS, 2 * retryMillis);
        }
    }

    /** Sends the version of the topics; all topics follow when the name server has others. */
    private void tick() {
        if (closed || channel == null) {
            return;
        }
        byte[] version = topics.version().encode();
        request(RequestCode.QUERY_DATA_VERSION, broker.toFields(), version, answer -> {
            if (answer.code() != ResponseCode.SUCCESS || answer.fields().flag("changed", true)) {
                register();
            }
        });
    }

    private void register() {
        if (closed || channel == null) {
            return;
        }
        RegisterBrokerBody snapshot = topics.snapshot();
        boolean deflate = snapshot.topics().size() >= DEFLATE_FROM;
        byte[] body = snapshot.encode(deflate);
        RegisterBrokerHeader header = new RegisterBrokerHeader(
                broker.brokerName(),
                broker.brokerAddr(),
                broker.clusterName(),
                haServerAddress,
                broker.brokerId(),
                4 * interval.toMillis(),
                false,
                deflate,
                0);
        request(RequestCode.REGISTER_BROKER, header.toFields(), body, answer -> {
            if (answer.code() == ResponseCode.SUCCESS) {
                if (failing) {
                    failing = false;
                    log.info("registered with the name server {}", nameServer);
                }
                registered.complete(null);
            } else {
                failed("code " + answer.code() + " " + answer.remark());
            }
        });
    }

    private void request(int code, ExtFields fields, byte[] body, Consumer<RemotingCommand> whenAnswered) {
        Channel open = channel;
        if (open == null) {
            return;
        }
        int id = opaque++;
        waiting.put(id, whenAnswered);
        ByteBuf out = open.alloc().buffer();
        FrameWriter.write(out, RemotingCommand.request(code, id, proof.sign(fields, body), body));
        Future<?> unused = open.writeAndFlush(out);
        unused = loop.schedule(
                () -> {
                    if (waiting.remove(id) != null) {
                        failed("no answer to request " + code + " within " + REQUEST_SECONDS + " s");
                        replace(open);
                    }
                },
                REQUEST_SECONDS,
                TimeUnit.SECONDS);
    }

    private void replace(Channel unanswering) {
        if (closed) {
            unanswering.close();
        } else if (channel == unanswering) {
            silent.add(unanswering);
            channel = null;
            waiting.clear();
            connect();
        }
    }

    /** Takes the name server's answers. */
    private final class Answers extends SimpleChannelInboundHandler<RemotingCommand> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, RemotingCommand answer) {
            Consumer<RemotingCommand> whenAnswered = waiting.remove(answer.opaque());
            if (answer.isResponse() && whenAnswered != null) {
                whenAnswered.accept(answer);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            silent.remove(context.channel());
            if (channel == context.channel()) {
                channel = null;
                waiting.clear();
                failed("the connection was closed");
                reconnectLater();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failed(String.valueOf(cause.getMessage()));
            var unused = context.close();
        }
    }
}
