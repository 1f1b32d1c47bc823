/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what a connection sends until its {@link Handshake} is complete, and refuses it when that is too much. Leaves
 * the pipeline with the handshake. Confined to its event loop, but for {@link Budget}.
 */
final class LoginBytes extends ChannelInboundHandlerAdapter {
    /** What each connection has without asking the budget. */
    private static final int FREE = 64 << 10;

    private final int limit;
    private final Budget budget;
    private final Refused refused;
    private long received;
    private long charged;
    private boolean over;

    /** Told once that a connection sent too much. */
    interface Refused {
        void tooMuch(boolean alone);
    }

    /** What all connections that have not logged in yet may hold together. Safe from any thread. */
    static final class Budget {
        private final long limit;
        private final AtomicLong used = new AtomicLong();

        Budget(long limit) {
            this.limit = limit;
        }

        private boolean take(long bytes) {
            if (used.addAndGet(bytes) <= limit) {
                return true;
            }
            used.addAndGet(-bytes);
            return false;
        }

        private void give(long bytes) {
            used.addAndGet(-bytes);
        }

        long used() {
            return used.get();
        }
    }

    LoginBytes(int limit, Budget budget, Refused refused) {
        this.limit = limit;
        this.budget = budget;
        this.refused = refused;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (over) {
            ReferenceCountUtil.release(message);
            return;
        }
        received += ((ByteBuf) message).readableBytes();
        long owed = Math.max(0, received - FREE) - charged;
        if (received > limit || !budget.take(owed)) {
            over = true;
            ReferenceCountUtil.release(message);
            refused.tooMuch(received > limit);
            return;
        }
        charged += owed;
        context.fireChannelRead(message);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        budget.give(charged);
        charged = 0;
    }
}
