/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Lane;
import org.polymq.broker.publish.Publisher;

/**
 * A branch that is not prepared, or one that was in this run of the broker: who works for it and what was done. Guarded
 * by {@link XaTransactions}.
 */
final class ActiveBranch {
    private final BranchId id;
    private final String owner;
    private final long deadline;
    /** Sessions that work for it now, and those that have suspended their work. */
    private final Set<Object> working = new HashSet<>();

    private final Set<Object> suspended = new HashSet<>();
    /** Sessions whose work was ended and is not here yet. */
    private final List<Object> ending = new ArrayList<>(1);

    private final List<Part> parts = new ArrayList<>();
    /** Why it can only be rolled back; null while it can be prepared. */
    private @Nullable XaAnswer doomed;

    /** The work of one session, its messages as records. */
    record Part(Object session, List<ByteBuffer> records, Work work) {
        /** Undoes it; on its lane. */
        void undo(Publisher publisher) {
            work.taken().forEach(Work.Taken::giveBack);
            publisher.abandon(records, work.lane());
        }
    }

    /** @param deadline when it is rolled back if it is not prepared, ms since the epoch */
    ActiveBranch(BranchId id, String owner, long deadline) {
        this.id = id;
        this.owner = owner;
        this.deadline = deadline;
    }

    /** The same work under another name. */
    ActiveBranch as(BranchId other) {
        ActiveBranch renamed = new ActiveBranch(other, owner, deadline);
        renamed.parts.addAll(parts);
        return renamed;
    }

    static void run(Lane lane, Runnable task) {
        if (lane.inLane()) {
            task.run();
        } else {
            lane.execute(task);
        }
    }

    BranchId id() {
        return id;
    }

    String owner() {
        return owner;
    }

    long deadline() {
        return deadline;
    }

    boolean isInUse() {
        return !working.isEmpty() || !suspended.isEmpty();
    }

    void join(Object session) {
        suspended.remove(session);
        working.add(session);
    }

    boolean isSuspended(Object session) {
        return suspended.contains(session);
    }

    /** Ends a session's part in it, or suspends it; false if it has none. */
    boolean leave(Object session, boolean suspend) {
        boolean had = working.remove(session);
        if (!suspend && suspended.remove(session)) {
            had = true;
        }
        if (had && suspend) {
            suspended.add(session);
        }
        return had;
    }

    /** A session's work comes, or with {@link #arrived} has come. */
    void comes(Object session) {
        ending.add(session);
    }

    void arrived(Object session) {
        ending.remove(session);
    }

    /** Whether a session works for it, has suspended that, or has done work for it. */
    boolean concerns(Object session) {
        return working.contains(session)
                || suspended.contains(session)
                || ending.contains(session)
                || parts.stream().anyMatch(part -> part.session().equals(session));
    }

    void add(Part part) {
        parts.add(part);
    }

    List<Part> parts() {
        return List.copyOf(parts);
    }

    /** What was done, for whoever undoes it: it is forgotten here. */
    List<Part> takeParts() {
        List<Part> taken = List.copyOf(parts);
        parts.clear();
        return taken;
    }

    @Nullable
    XaAnswer doomed() {
        return doomed;
    }

    void doom(XaAnswer why) {
        if (doomed == null) {
            doomed = why;
        }
    }

    boolean isEmpty() {
        return parts.stream().allMatch(part -> part.work().isEmpty());
    }

    List<ByteBuffer> records() {
        List<ByteBuffer> records = new ArrayList<>();
        parts.forEach(part -> records.addAll(part.records()));
        return records;
    }

    /** The records that say what it has consumed. */
    List<ByteBuffer> acknowledgements() {
        List<ByteBuffer> records = new ArrayList<>();
        for (Part part : parts) {
            part.work()
                    .taken()
                    .forEach(taken -> records.addAll(taken.settlement().records()));
        }
        return records;
    }

    /** Does something for each part on its lane, then something else on any. */
    static void each(List<Part> parts, Consumer<Part> task, Runnable then) {
        AtomicInteger open = new AtomicInteger(parts.size() + 1);
        Runnable done = () -> {
            if (open.decrementAndGet() == 0) {
                then.run();
            }
        };
        parts.forEach(part -> run(part.work().lane(), () -> {
            task.accept(part);
            done.run();
        }));
        done.run();
    }
}
