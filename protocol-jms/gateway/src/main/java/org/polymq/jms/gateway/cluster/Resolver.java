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
import org.polymq.broker.Lane;
import org.polymq.broker.Lanes;
import org.polymq.broker.cluster.GatewayClient;
import org.polymq.broker.cluster.GroupLinks;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Branch;
import org.polymq.jms.wire.Frame.BranchStep;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.InDoubt;
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
    /** How long a client is kept waiting for groups that do not answer; it should wait longer for its answer. */
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
            stream(slot).request(new InDoubt(abandonedSeconds, ""), this::found);
        }
        later(this::look, everyMillis);
    }

    private void found(Frame answer) {
        if (answer instanceof XaBranches branches) {
            Set<ClusterTransaction> transactions = new LinkedHashSet<>();
            branches.ids().forEach(id -> transactions.add(ClusterTransaction.of(id)));
            transactions.forEach(each -> tryOnce(each, Attempt.UNWATCHED));
        }
    }

    /** How a transaction has ended. */
    enum Ending {
        COMMITTED,
        /** Or it was committed, and somebody else has ended it: the coordinating group knows it no more. */
        ROLLED_BACK,
        /** The coordinating group did not say. */
        UNKNOWN
    }

    /** What one attempt to finish a transaction finds out. */
    private interface Attempt {
        /** The coordinating group has said how it ends. */
        void decided(Ending ending);

        /** The attempt is over; {@code complete} is whether every group has ended its part. */
        void over(boolean complete);

        /** Of an attempt that nobody waits for. */
        Attempt UNWATCHED = new Attempt() {
            @Override
            public void decided(Ending ending) {}

            @Override
            public void over(boolean complete) {}
        };
    }

    /**
     * Finishes a transaction that somebody waits for.
     *
     * @param then is run once, in the lane: when every group has ended its part, or when that takes longer than
     *     somebody should be kept waiting; what is left is done later then
     */
    void finish(ClusterTransaction transaction, Lane lane, Consumer<Ending> then) {
        EventLoop on = Objects.requireNonNull(loop, "whoever has transactions over several groups has called use()");
        on.execute(() -> {
            Finishing finishing = new Finishing(transaction, ending -> lane.execute(() -> then.accept(ending)));
            finishings.add(finishing);
            on.schedule(finishing::end, PATIENCE_NANOS, TimeUnit.NANOSECONDS); // also of one that is not answered
            finishing.run();
        });
    }

    /** Somebody waits for the end of a transaction. Confined to the event loop. */
    private final class Finishing implements Attempt {
        private final ClusterTransaction transaction;
        private final Consumer<Ending> then;
        private Ending ending = Ending.UNKNOWN;
        private boolean waits;

        private Finishing(ClusterTransaction transaction, Consumer<Ending> then) {
            this.transaction = transaction;
            this.then = then;
        }

        private void run() {
            waits = false;
            if (finishings.contains(this)) {
                tryOnce(transaction, this);
            }
        }

        @Override
        public void decided(Ending how) {
            if (ending != Ending.COMMITTED) { // which a group that has forgotten it later says no more
                ending = how;
            }
        }

        @Override
        public void over(boolean complete) {
            if (complete) {
                end();
            } else {
                again();
            }
        }

        /** A group could not, or a stream was lost, and with it the answers that were to come on it. */
        private void again() {
            if (!waits) {
                waits = true;
                later(this::run, SOON_MILLIS);
            }
        }

        private void end() {
            if (finishings.remove(this)) {
                then.accept(ending);
            }
        }
    }

    /** A gateway gives a transaction up: it is finished soon. */
    void resolve(ClusterTransaction transaction) {
        later(() -> tryOnce(transaction, Attempt.UNWATCHED), SOON_MILLIS);
    }

    /** What fails here is found again the next time. */
    private void tryOnce(ClusterTransaction transaction, Attempt attempt) {
        ask(transaction, transaction.coordinator(), BranchStep.OUTCOME, answer -> {
            int code = XaCodes.code(answer).code();
            if (code == XAResource.XA_OK) {
                follow(transaction, Ending.COMMITTED, attempt);
            } else if (XaCodes.isRolledBack(code)) {
                follow(transaction, Ending.ROLLED_BACK, attempt);
            } else {
                attempt.over(false);
            }
        });
    }

    private void follow(ClusterTransaction transaction, Ending ending, Attempt attempt) {
        attempt.decided(ending);
        boolean commits = ending == Ending.COMMITTED;
        XaCodes codes = new XaCodes(transaction.others().size(), all -> {
            boolean followed = all.all(code -> XaCodes.isOk(code) || XaCodes.isUnknownBranch(code));
            if (followed && commits) {
                ask(transaction, transaction.coordinator(), BranchStep.FORGET, answer -> {});
            }
            LOG.info(
                    "an abandoned transaction over several groups, {}: {}{}",
                    transaction,
                    ending,
                    followed ? "" : ", not yet in all of them");
            attempt.over(followed);
        });
        BranchStep step = commits ? BranchStep.COMMIT : BranchStep.ROLLBACK;
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
