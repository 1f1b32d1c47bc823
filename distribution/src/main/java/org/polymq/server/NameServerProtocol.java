/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import org.polymq.broker.net.Protocol;
import org.polymq.nameserver.NameServer;

/** Gives a listener's connections to the name server. Its frames begin with their length, which is under 16 MiB. */
record NameServerProtocol(NameServer nameServer) implements Protocol {

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

    @Override
    public void install(ChannelPipeline pipeline) {
        nameServer.install(pipeline);
    }
}
