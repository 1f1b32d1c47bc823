/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One connection that gets the figures every two seconds as server-sent events, until it ends. Confined to its event
 * loop.
 */
final class LiveStream {
    private static final long EVERY_SECONDS = 2;

    private final Channel channel;
    private final Supplier<String> figures;

    LiveStream(Channel channel, Supplier<String> figures) {
        this.channel = channel;
        this.figures = figures;
    }

    void begin() {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set("X-Content-Type-Options", "nosniff");
        channel.write(head);
        send();
        Future<?> ticks =
                channel.eventLoop().scheduleAtFixedRate(this::send, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> ticks.cancel(false));
    }

    /** A client that does not read gets fewer figures, not a growing heap of old ones. */
    private void send() {
        if (channel.isWritable()) {
            String event = "data: " + figures.get().strip() + "\n\n";
            channel.writeAndFlush(new DefaultHttpContent(Unpooled.copiedBuffer(event, UTF_8)));
        }
    }
}
