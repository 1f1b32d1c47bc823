/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import org.polymq.broker.net.Protocol;
import org.polymq.nameserver.NameServer;

/** Gives a listener's connections to the name server. Its frames begin with their length, which is under 16 MiB. */
record NameServerProtocol(NameServer nameServer) implements Protocol {
    /** A frame of 16 MB, and what came behind it in the same read. */
    private static final int LARGEST_REGISTRATION = 17 << 20;

    @Override
    public String name() {
        return "nameserver";
    }

    @Override
    public int prefixLength() {
        return 1;
    }

    @Override
    public boolean accepts(ByteBuf firstBytes) {
        return firstBytes.getUnsignedByte(firstBytes.readerIndex()) <= 1;
    }

    /** Complete with the first request that the guard lets pass. */
    @Override
    public boolean handshakes() {
        return true;
    }

    /** A broker begins with all its topics. */
    @Override
    public int loginBytes(int usual) {
        return LARGEST_REGISTRATION;
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        nameServer.install(pipeline);
    }
}
