/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.Protocol;

/** What is spoken on streams over which leaders of other groups borrow tasks of sources. Of nodes alone. */
public final class LendingProtocol implements Protocol {
    private final Map<String, Lending> lendings = new ConcurrentHashMap<>();

    @Override
    public String name() {
        return "connectors";
    }

    @Override
    public int prefixLength() {
        return 1;
    }

    /** On no port that clients reach. */
    @Override
    public boolean accepts(ByteBuf firstBytes) {
        return false;
    }

    @Override
    public void install(ChannelPipeline pipeline) {
        pipeline.addLast(new LendingStream(this));
    }

    /** Lends over the streams that come; one of the same name that was given up lends nothing any more. */
    public void add(String connector, Lending lending) {
        Lending before = lendings.put(connector, lending);
        if (before != null) {
            before.close();
        }
    }

    void remove(String connector, Lending lending) {
        lendings.remove(connector, lending);
    }

    @Nullable
    Lending find(String connector) {
        return lendings.get(connector);
    }
}
