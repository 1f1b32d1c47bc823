/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.broker.Broker;
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.RequestRate;
import org.polymq.jms.wire.FrameDecoder;
import org.polymq.jms.wire.FrameEncoder;

/** The JMS protocol on a listener: connections that begin with "PMQJ". Safe from any thread. */
public final class JmsProtocol implements org.polymq.broker.net.Protocol {
    static final String NAME = "jms";
    static final String PRODUCT = "PolyMQ";

    private final JmsServices services;
    private final JmsSettings settings;
    private final BadInput badInput;
    private final RequestRate rate;
    private final FrameEncoder encoder = new FrameEncoder();
    private final AtomicLong connections = new AtomicLong();
    /** One lane per event loop, so that the core can batch what goes to several connections of it. */
    private final Map<EventExecutor, Lane> lanes = new ConcurrentHashMap<>();

    public JmsProtocol(Broker broker, MeterRegistry registry, JmsSettings settings) {
        this.services = JmsServices.of(broker);
        this.settings = settings;
        this.badInput = new BadInput(registry);
        this.rate = new RequestRate(settings.requestRate(), NAME, registry);
    }

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
        Lane lane = lanes.computeIfAbsent(channel.eventLoop(), Lanes::of);
        pipeline.addLast(
                new Preamble(),
                new FrameDecoder(org.polymq.jms.wire.Protocol.HANDSHAKE_FRAME_LIMIT),
                encoder,
                new JmsConnection(
                        channel, lane, connections.incrementAndGet(), services, settings, badInput, rate.open()));
    }
}
