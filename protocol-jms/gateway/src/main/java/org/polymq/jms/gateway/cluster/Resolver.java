/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lanes;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.InDoubt;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.XaBranches;
import org.polymq.jms.wire.XaId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes transactions over several groups whose gateway is gone or could not: asks each group from time to time for
 * branches that wait, and their coordinating groups what was decided. Every gateway does so; that several do it at once
 * does no harm. Safe from any thread; its streams are confined to one event loop.
 */
final class Resolver implements GroupStream.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);
    /** Time for the answers that are on their way when a gateway gives up. */
    private static final long SOON_MILLIS = 300;
    /** How long a client is kept waiting for groups that have lost their leaders. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final GroupLinks links;
    private final int abandonedSeconds;
    private final long everyMillis;
    private final @Nullable GroupStream[] streams;
    /** Confined to the event loop. */
    private final Set<Finishing> finishings = new HashSet<>();

    private volatile @Nullable EventLoop loop;
    private volatile boolean closed;

    /** @param abandoned a transaction that is not finished after so long is */
    Resolver(GroupLinks links, Duration abandoned) {
        this.links = links;
        this.abandonedSeconds = (int) abandoned.toSeconds();
        this.everyMillis = abandoned.toMillis() / 2;
        this.streams = new GroupStream[links.placement().groups().size()];
    }

    /** Begins to look, on an event loop; once. */
    void use(EventLoop given) {
        if (loop != null || streams.length == 1) {
            return;
        }
        synchronized (this) {
            if (loop != null) {
                return;
            }
            loop = given;
        }
        later(this::look, everyMillis);
    }

    private void later(Runnable task, long millis) {
        EventLoop on = loop;
        if (on != null && !closed) {
            try {
                on.schedule(task, millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopping) {
                LOG.debug("the node stops: other nodes finish what is left", stopping);
            }
        }
    }

    void close() {
        closed = true;
        EventLoop on = loop;
        if (on != null) {
            try {
                on.execute(() -> {
                    for (GroupStream stream : streams) {
                        if (stream != null) {
                            stream.close();
                        }
                    }
                });
            } catch (RejectedExecutionException stopped) {
                LOG.debug("its event loop has ended, and its streams with it", stopped);
            }
        }
    }

    // ---- looking

    private void look() {
        if (closed) {
            return;
        }
        for (int slot = 0; slot < streams.length; slot++) {
            stream(slot).request(new InDoubt(abandonedSeconds), this::found);
        }
        later(this::look, everyMillis);
    }

    private void found(Frame answer) {
        if (answer instanceof XaBranches branches) {
            Set<ClusterTransaction> transactions = new LinkedHashSet<>();
            branches.ids().forEach(id -> transactions.add(ClusterTransaction.of(id)));
            transactions.forEach(each -> finish(each, () -> {}));
        }
    }

    /**
     * Finishes the transaction of a message that is decided, if a group has its part still to do. The coordinating
     * group knows: it forgets a transaction when all have done it.
     *
     * @param then is run once, on any thread; also when a group cannot be reached, whose part comes later then
     */
    void finish(int coordinator, String messageId, Runnable then) {
        EventLoop on = loop;
        if (on == null) { // One group has no such transactions.
            then.run();
        } else {
            on.execute(() -> {
                Finishing finishing = new Finishing(coordinator, messageId, then);
                finishings.add(finishing);
                finishing.run();
            });
        }
    }

    /** Somebody waits for the end of a transaction. Confined to the event loop. */
    private final class Finishing {
        private final int coordinator;
        private final String messageId;
        private final Runnable then;
        private final long since = System.nanoTime();
        private boolean waits;

        private Finishing(int coordinator, String messageId, Runnable then) {
            this.coordinator = coordinator;
            this.messageId = messageId;
            this.then = then;
        }

        private void run() {
            waits = false;
            stream(coordinator).request(new InDoubt(0), answer -> {
                List<ClusterTransaction> left = answer instanceof XaBranches branches
                        ? branches.ids().stream()
                                .map(ClusterTransaction::of)
                                .filter(each -> each.isOf(messageId))
                                .distinct()
                                .toList()
                        : List.of();
                Answers answers = new Answers(left.size(), all -> end());
                left.forEach(each -> Resolver.this.finish(each, () -> answers.accept(new Ok())));
            });
        }

        /** A stream was lost, and with it the answers that were to come on it. */
        private void again() {
            if (System.nanoTime() - since > PATIENCE_NANOS) {
                end();
            } else if (!waits) {
                waits = true;
                later(this::run, SOON_MILLIS);
            }
        }

        private void end() {
            if (finishings.remove(this)) {
                then.run();
            }
        }
    }

    /** A gateway gives a transaction up: it is finished soon. */
    void resolve(ClusterTransaction transaction) {
        later(() -> finish(transaction, () -> {}), SOON_MILLIS);
    }

    /** What fails here is found again the next time. */
    private void finish(ClusterTransaction transaction, Runnable then) {
        ask(transaction, transaction.coordinator(), BranchStep.OUTCOME, answer -> {
            int code = XaCodes.code(answer).code();
            if (code == XAResource.XA_OK) {
                follow(transaction, BranchStep.COMMIT, then);
            } else if (XaCodes.isRolledBack(code)) {
                follow(transaction, BranchStep.ROLLBACK, then);
            } else {
                then.run();
            }
        });
    }

    private void follow(ClusterTransaction transaction, BranchStep step, Runnable then) {
        XaCodes codes = new XaCodes(transaction.others().size(), all -> {
            boolean followed = all.all(code -> XaCodes.isOk(code) || XaCodes.isUnknownBranch(code));
            if (followed && step == BranchStep.COMMIT) {
                ask(transaction, transaction.coordinator(), BranchStep.FORGET, answer -> {});
            }
            LOG.info("an abandoned transaction over several groups, {}: {} {}", transaction, step, followed);
            then.run();
        });
        transaction.others().forEach(slot -> ask(transaction, slot, step, codes.of(slot)));
    }

    private void ask(ClusterTransaction transaction, int slot, BranchStep step, Consumer<Frame> reply) {
        XaId branch = transaction.branch(slot);
        stream(slot).request(new Branch(step, branch, branch), reply);
    }

    // ---- streams

    private GroupStream stream(int slot) {
        GroupStream stream = streams[slot];
        if (stream != null) {
            return stream;
        }
        EventLoop on = Objects.requireNonNull(loop, "it looks on an event loop");
        GroupStream opening = new GroupStream(slot, Lanes.of(on), this);
        streams[slot] = opening;
        GatewayClient itself = new GatewayClient(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), false, Optional.empty(), Optional.empty());
        opening.open(links, itself, on, opening::becomeReady);
        return opening;
    }

    @Override
    public void lost(GroupStream stream, String why) {
        LOG.debug("no stream to group {}: {}", stream.slot(), why);
        if (streams[stream.slot()] == stream) {
            streams[stream.slot()] = null;
        }
        List.copyOf(finishings).forEach(Finishing::again);
    }

    @Override
    public void arrived(GroupStream from, Frame frame) {
        LOG.debug("group {} sent a {}, which nobody asked for", from.slot(), frame);
    }

    @Override
    public void refused(Failed failed) {
        LOG.debug("refused: {}", failed.message());
    }

    @Override
    public void readinessChanged() {
        // So little is asked that it may wait.
    }
}
