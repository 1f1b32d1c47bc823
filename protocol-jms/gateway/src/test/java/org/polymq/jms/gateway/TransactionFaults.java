/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Envelope;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.XaDecide;
import org.polymq.jms.wire.Frame.XaEnd;

/**
 * Counts the steps of transactions at the groups' ends of streams, requests and answers, and at one of them loses what
 * goes there and does something bad. Safe from any thread.
 */
final class TransactionFaults {
    // All guarded by this.
    private int step;
    private int at = -1;
    private IntConsumer fault = slot -> {};
    private CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    private @Nullable CompletableFuture<Runnable> decision;

    /** The next step is number 0; at this one what goes there is lost, and the task is given the group's slot. */
    synchronized void arm(int number, IntConsumer task) {
        step = 0;
        at = number;
        fault = task;
    }

    /** Whether the step has come. */
    synchronized boolean hasStruck() {
        return at < 0;
    }

    /** Nothing more happens; what has begun to happen is waited for. */
    void disarm() throws Exception {
        CompletableFuture<Void> begun;
        synchronized (this) {
            at = -1;
            begun = done;
        }
        begun.get(60, TimeUnit.SECONDS);
    }

    /** The next decision is held up, until the task is run that the future is completed with. */
    synchronized CompletableFuture<Runnable> holdDecision() {
        CompletableFuture<Runnable> held = new CompletableFuture<>();
        decision = held;
        return held;
    }

    private boolean strikes(int slot) {
        IntConsumer task;
        CompletableFuture<Void> happened = new CompletableFuture<>();
        synchronized (this) {
            if (at < 0 || step++ != at) {
                return false;
            }
            at = -1;
            task = fault;
            done = happened;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        task.accept(slot);
                        happened.complete(null);
                    } catch (RuntimeException | Error e) {
                        happened.completeExceptionally(e);
                    }
                },
                "fault");
        thread.setDaemon(true);
        thread.start();
        return true;
    }

    private synchronized @Nullable CompletableFuture<Runnable> takeHold(Frame frame) {
        boolean decides = frame instanceof Branch branch && branch.step() == BranchStep.DECIDE;
        CompletableFuture<Runnable> taken = decides ? decision : null;
        if (taken != null) {
            decision = null;
        }
        return taken;
    }

    ChannelDuplexHandler on(int slot) {
        return new Spy(slot);
    }

    private final class Spy extends ChannelDuplexHandler {
        private final int slot;
        private boolean asked;
        private boolean dead;

        Spy(int slot) {
            this.slot = slot;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Frame frame = ((Envelope) message).frame();
            boolean counts = frame instanceof XaEnd || frame instanceof XaDecide || frame instanceof Branch;
            CompletableFuture<Runnable> hold = takeHold(frame);
            if (hold != null) {
                hold.complete(() -> context.executor().execute(() -> context.fireChannelRead(message)));
                return;
            }
            dead |= counts && strikes(slot);
            if (!dead) {
                asked |= counts;
                context.fireChannelRead(message);
            }
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (asked) {
                asked = false;
                dead |= strikes(slot);
            }
            if (dead) {
                ReferenceCountUtil.release(message);
                promise.trySuccess();
            } else {
                context.write(message, promise);
            }
        }
    }
}
