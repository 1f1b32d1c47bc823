/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.Set;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Protocol;
import org.polymq.dashboard.api.Api;
import org.polymq.dashboard.api.Overview;

/**
 * The HTTP side of a server: the pages of the dashboard, the admin API under {@code /api/v1}, {@code /metrics},
 * {@code /health}, {@code /health/live}, {@code /health/ready}. With security on all but health and the pages' files
 * needs a login.
 */
public final class Dashboard implements Protocol {
    /** How many first bytes tell HTTP. */
    static final int PREFIX = 4;

    private static final Set<String> METHODS = Set.of("GET ", "HEAD", "POST", "PUT ", "DELE", "OPTI", "PATC", "TRAC");
    private static final int MAX_BODY = 64 * 1024;
    private static final int IDLE_SECONDS = 60;

    private final Endpoints endpoints;
    private final BadInput badInput;
    private final Api api;
    private final Overview overview;

    public Dashboard(PrometheusMeterRegistry registry, Health health, Api api, Overview overview) {
        this.api = api;
        this.overview = overview;
        this.endpoints = new Endpoints(registry, health);
        this.badInput = new BadInput(registry);
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public int prefixLength() {
        return PREFIX;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        return isRequest(firstBytes);
    }

    static boolean isRequest(ByteBuf firstBytes) {
        return METHODS.contains(firstBytes.toString(firstBytes.readerIndex(), PREFIX, US_ASCII));
    }

    @Override
    public boolean handshakes() {
        return true;
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        pipeline.addLast(
                new IdleStateHandler(0, 0, IDLE_SECONDS),
                new HttpServerCodec(),
                new HttpObjectAggregator(MAX_BODY, true),
                new HttpHandler(endpoints, api, overview, badInput));
    }
}
