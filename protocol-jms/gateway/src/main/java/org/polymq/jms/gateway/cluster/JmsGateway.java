/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.broker.net.RequestRate;
import org.polymq.jms.gateway.JmsSettings;
import org.polymq.jms.gateway.Preamble;
import org.polymq.jms.wire.FrameDecoder;
import org.polymq.jms.wire.FrameEncoder;

/**
 * Serves JMS clients of a cluster of several groups: what a client asks goes to the leaders of the groups that it
 * concerns, over one stream to each, and what they answer is made one. It keeps nothing: when it or a leader is gone,
 * clients come back and go on from the groups' logs. Safe from any thread.
 */
public final class JmsGateway implements AutoCloseable {
    static final String NAME = "jms";

    private static final Duration ABANDONED = Duration.ofSeconds(10);
    private static final long LEAST_ROOM = 256L << 20;

    private final Parts parts;
    private final RequestRate rate;
    private final HeldBodies.Room room;
    private final AtomicLong connections = new AtomicLong();
    private final FrameEncoder encoder = new FrameEncoder();
    private final Map<EventExecutor, Lane> lanes = new ConcurrentHashMap<>();

    /** What all connections share. */
    record Parts(GroupLinks links, JmsSettings settings, BadInput badInput, Resolver resolver) {}

    public JmsGateway(GroupLinks links, JmsSettings settings, MeterRegistry registry) {
        this(links, settings, registry, ABANDONED);
    }

    /**
     * The same with a time of its own.
     *
     * @param abandoned a transaction over several groups that is not finished after so long is finished by others; at
     *     least a second
     */
    public JmsGateway(GroupLinks links, JmsSettings settings, MeterRegistry registry, Duration abandoned) {
        this.parts = new Parts(links, settings, new BadInput(registry), new Resolver(links, abandoned));
        this.rate = new RequestRate(settings.requestRate(), NAME, registry);
        this.room =
                new HeldBodies.Room(Math.max(LEAST_ROOM, Runtime.getRuntime().maxMemory() / 4));
    }

    /** What listeners serve JMS clients with. */
    public Protocol protocol() {
        return new Clients();
    }

    /**
     * Begins to finish what other gateways left: transactions over several groups. Without it that begins with the
     * first client.
     */
    public void start(EventLoopGroup loops) {
        parts.resolver().use(loops.next());
    }

    /** Ends what the gateway does by itself. Connections end with their listeners. */
    @Override
    public void close() {
        parts.resolver().close();
    }

    private final class Clients implements Protocol {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public int prefixLength() {
            return 4;
        }

        @Override
        public boolean accepts(ByteBuf firstBytes) {
            return firstBytes.getInt(firstBytes.readerIndex()) == org.polymq.jms.wire.Protocol.MAGIC;
        }

        @Override
        public boolean handshakes() {
            return true;
        }

        @Override
        public void install(ChannelPipeline pipeline) {
            Channel channel = pipeline.channel();
            parts.resolver().use(channel.eventLoop());
            Lane lane = lanes.computeIfAbsent(channel.eventLoop(), Lanes::of);
            pipeline.addLast(
                    new Preamble(),
                    new FrameDecoder(org.polymq.jms.wire.Protocol.HANDSHAKE_FRAME_LIMIT),
                    encoder,
                    new GatewayConnection(
                            channel, lane, connections.incrementAndGet(), parts, new HeldBodies(room), rate.open()));
        }
    }
}
