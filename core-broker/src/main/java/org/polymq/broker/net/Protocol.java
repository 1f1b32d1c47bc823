/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPipeline;
import java.util.function.Consumer;

/**
 * What a listener must know of a protocol: how its connections begin and which handlers serve them. One instance serves
 * all connections. Safe from any thread.
 */
public interface Protocol {

    /** Short lower-case name for metrics and logs, such as {@code mqtt}. */
    String name();

    /** How many first bytes {@link #accepts} needs; at least 1. All clients of PolyMQ speak first. */
    int prefixLength();

    /**
     * Whether a connection that begins with these bytes speaks this protocol. Reads by index only (from
     * {@code firstBytes.readerIndex()}); at least {@link #prefixLength()} bytes are readable.
     */
    boolean accepts(ByteBuf firstBytes);

    /**
     * Adds this protocol's handlers at the end of the pipeline. Called once, on the connection's event loop; the first
     * bytes follow.
     */
    void install(ChannelPipeline pipeline);

    /**
     * Whether a connection has to prove itself: it is closed unless {@link Handshake#complete} is called within
     * {@code limits.handshake}. A protocol without a login calls it at the first whole frame.
     */
    default boolean handshakes() {
        return false;
    }

    /**
     * Most bytes a connection may send before {@link Handshake#complete}.
     *
     * @param usual what suffices for a login
     */
    default int loginBytes(int usual) {
        return usual;
    }

    /** Whether this protocol can serve a connection on that spoke another one until now; see {@link #release}. */
    default boolean goesOnWith(Protocol before) {
        return false;
    }

    /**
     * Gives a connection away between two requests, without its client's notice: takes this protocol's handlers out of
     * the pipeline, and hands what was read of the next request to those that {@code heir} installs. Called on the
     * connection's event loop.
     *
     * @return false, with nothing changed, if it cannot: a request is being served, or the connection has a state
     */
    default boolean release(Channel channel, Consumer<ChannelPipeline> heir) {
        return false;
    }

    /**
     * Ends a connection because the server stops. Called on the connection's event loop; has to close the channel,
     * after a farewell where the protocol knows one.
     */
    default void stop(Channel channel) {
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
