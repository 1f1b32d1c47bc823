/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.polymq.dashboard.api.Events;

/**
 * The connection of a route that goes on: server-sent events, and a comment while there are none, so that both sides
 * notice when the other is gone. Confined to its event loop.
 */
final class EventStream extends ChannelInboundHandlerAdapter implements Events {
    private static final long SIGN_OF_LIFE_SECONDS = 5;

    private final Channel channel;
    private final Function<Object, String> json;
    private Runnable room = () -> {};

    EventStream(Channel channel, Function<Object, String> json) {
        this.channel = channel;
        this.json = json;
    }

    /** The connection is for this alone from here on. */
    void begin(Source source) {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff");
        channel.writeAndFlush(head);
        channel.pipeline().addLast(this);
        Future<?> signs = channel.eventLoop()
                .scheduleAtFixedRate(this::signOfLife, SIGN_OF_LIFE_SECONDS, SIGN_OF_LIFE_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> signs.cancel(false));
        source.begin(this);
    }

    private void signOfLife() {
        if (channel.isWritable()) {
            write(":\n\n");
        }
    }

    private void write(String text) {
        channel.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer(text, UTF_8)));
    }

    @Override
    public boolean hasRoom() {
        return channel.isWritable();
    }

    @Override
    public void send(String event, Object value) {
        write("event: " + event + "\ndata: " + json.apply(value).strip() + "\n\n");
    }

    @Override
    public void whenRoom(Runnable task) {
        room = task;
    }

    @Override
    public void whenClosed(Runnable task) {
        channel.closeFuture().addListener(closed -> task.run());
    }

    @Override
    public void end() {
        channel.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            room.run();
        }
        context.fireChannelWritabilityChanged();
    }
}
