/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.closure.SaveSnapshotClosure;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.GroupLog;
import org.polymq.storage.Log;
import org.polymq.storage.ProposedEntry;
import org.polymq.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what the group has committed to the log. Called by the engine's one thread for that, but for snapshots. */
final class GroupMachine extends StateMachineAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(GroupMachine.class);
    /** What is kept for a follower may be a quarter of what is still free. */
    private static final int PART_OF_FREE_SPACE = 4;

    private final Log log;
    private final GroupLog group;
    private final Path logDirectory;
    private final Path stagingDirectory;
    private final Adoption adoption;
    private final Leadership leadership;
    private final FollowerEnds followers;
    private final AtomicReference<@Nullable SnapshotStage> staged = new AtomicReference<>();
    private volatile @Nullable LogId taken;
    private volatile long offered;
    // On the thread that writes snapshots.
    private long waitsFrom = -1;
    private volatile long leadingTerm;
    private volatile boolean abandoned;
    private volatile long knownTerm;
    private volatile Runnable whenLeading = () -> {};

    GroupMachine(
            Log log,
            Path logDirectory,
            Path stagingDirectory,
            Adoption adoption,
            Leadership leadership,
            FollowerEnds followers)
            throws IOException {
        this.log = log;
        this.group = log.group();
        this.logDirectory = logDirectory;
        this.stagingDirectory = stagingDirectory;
        this.adoption = adoption;
        this.leadership = leadership;
        this.followers = followers;
        this.offered = adoption.newest();
    }

    /** The term in which this node leads; 0 if it does not. */
    long leadingTerm() {
        return leadingTerm;
    }

    /** The term of the newest leader; 0 for none. */
    long knownTerm() {
        return knownTerm;
    }

    /** What else is to be done when this node leads: it has all that is committed then. */
    void whenLeading(Runnable action) {
        whenLeading = action;
    }

    @Override
    public void onStopFollowing(LeaderChangeContext leader) {
        leadership.leaderLost();
    }

    /** What waits for a proposal. */
    record Waiting(ProposedEntry proposed) implements Closure {
        @Override
        public void run(Status status) {
            if (status.isOk()) {
                return; // it was applied
            }
            boolean busy = status.getCode() == RaftError.EBUSY.getNumber();
            proposed.refuse(new StorageException(
                    busy ? StorageException.Reason.BUSY : StorageException.Reason.UNDECIDED,
                    busy
                            ? "the group does not keep up; try again when it has"
                            : "the lead was lost meanwhile (" + status.getErrorMsg() + "): whether it is stored is"
                                    + " unknown"));
        }
    }

    @Override
    public void onApply(Iterator entries) {
        while (entries.hasNext()) {
            try {
                ProposedEntry proposed = entries.done() instanceof Waiting waiting ? waiting.proposed() : null;
                group.apply(entries.getIndex(), proposed);
            } catch (RuntimeException e) {
                LOG.error("Entry {} cannot be applied: this node stops taking part", entries.getIndex(), e);
                entries.setErrorAndRollback(1, new Status(RaftError.ESTATEMACHINE, "%s", e));
                return;
            }
            entries.next();
        }
    }

    @Override
    public void onLeaderStart(long term) {
        leadingTerm = term;
        knownTerm = term;
        whenLeading.run();
        leadership.leading(term);
    }

    @Override
    public void onStartFollowing(LeaderChangeContext leader) {
        knownTerm = leader.getTerm();
    }

    /** The engine is not waited for any more: what it says from now on is of no interest. */
    void abandon() {
        abandoned = true;
    }

    @Override
    public void onLeaderStop(Status status) {
        if (abandoned) {
            return;
        }
        leadingTerm = 0;
        group.follow();
        leadership.following();
    }

    @Override
    public void onError(RaftException e) {
        if (abandoned) {
            return;
        }
        leadingTerm = 0;
        group.follow();
        leadership.broken(String.valueOf(e.getMessage()));
    }

    /** The log took a snapshot of its state as of an entry. */
    void snapshotTaken(long index, long term) {
        taken = new LogId(index, term);
    }

    /**
     * That snapshot is on disk. Answers whether the engine is to be told, which then forgets the entries up to the
     * snapshot before. As long as a follower lacks one of those it is not: else one that is being given that snapshot
     * would be given the next as well, and so on.
     */
    boolean snapshotWritten(long position) {
        LogId last = taken;
        if (last == null) {
            return false;
        }
        if (followers.lack(offered) && mayWait(position)) {
            return false;
        }
        waitsFrom = -1;
        try {
            Path own = stagingDirectory.resolve(Long.toString(last.getIndex()));
            SnapshotStage before = staged.getAndSet(SnapshotStage.gather(log, logDirectory, position, own, last));
            if (before != null) {
                SnapshotStage.delete(before.directory()); // the engine was busy and did not take it
            }
            offered = last.getIndex();
            return true;
        } catch (IOException e) {
            LOG.warn("The snapshot of entry {} cannot be kept ready for other nodes", last.getIndex(), e);
            return false;
        }
    }

    /** Whether what has been written while a follower was waited for is little beside what is free on the disk. */
    private boolean mayWait(long position) {
        if (waitsFrom < 0) {
            LOG.info("A node lacks entries up to {}: they are kept until it has them", offered);
            waitsFrom = position;
        }
        try {
            return position - waitsFrom < Files.getFileStore(logDirectory).getUsableSpace() / PART_OF_FREE_SPACE;
        } catch (IOException e) {
            LOG.warn("The free space of {} cannot be told", logDirectory, e);
            return false;
        }
    }

    @Override
    public void onSnapshotSave(SnapshotWriter writer, Closure done) {
        SnapshotStage stage = staged.getAndSet(null);
        if (stage == null || !(done instanceof SaveSnapshotClosure saving)) {
            done.run(new Status(RaftError.ECANCELED, "snapshots are taken where a segment ends"));
            return;
        }
        try {
            try {
                stage.moveInto(writer);
            } finally {
                SnapshotStage.delete(stage.directory());
            }
            // The engine asks at the last entry applied; from the one that it is told here on it keeps what follows.
            // The members are still those of the last applied: they were agreed on too.
            saving.start(SnapshotMeta.newBuilder(writer.getCurrentMeta())
                    .setLastIncludedIndex(stage.last().getIndex())
                    .setLastIncludedTerm(stage.last().getTerm())
                    .build());
            done.run(Status.OK());
        } catch (IOException | RuntimeException e) { // the engine waits for an answer, even to end
            LOG.warn("A snapshot cannot be kept ready for other nodes", e);
            done.run(new Status(RaftError.ECANCELED, "%s", e));
        }
    }

    @Override
    public boolean onSnapshotLoad(SnapshotReader reader) {
        SnapshotMeta meta = reader.load();
        long index = meta.getLastIncludedIndex();
        if (group.appliedIndex() >= index) {
            return true;
        }
        if (group.term(index) == meta.getLastIncludedTerm() && group.firstIndex() <= group.appliedIndex() + 1) {
            group.apply(index, null); // the log has it all: only the state is older
            return true;
        }
        try {
            adoption.request();
            leadership.restart();
        } catch (IOException e) {
            leadership.broken("a snapshot of another node cannot be taken: " + e);
        }
        return false;
    }
}
