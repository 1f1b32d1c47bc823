/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's member of the grid: started in the background, and again when it has ended by itself. Nobody waits for
 * it: what it cannot do, or not in time, fails. Safe from any thread.
 */
final class GridMember implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GridMember.class);
    private static final Duration AGAIN = Duration.ofSeconds(10);
    private static final int MOST_WAITING = 10_000;

    private final GridSettings settings;
    private final long id = 1 + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE - 1);
    private final ScheduledExecutorService periodic;
    /** Calls are made from here, since Hazelcast may let its caller wait. */
    private final ThreadPoolExecutor calls;

    private final List<Consumer<HazelcastInstance>> whenJoined = new CopyOnWriteArrayList<>();
    private final List<Runnable> whenChanged = new CopyOnWriteArrayList<>();
    private volatile @Nullable HazelcastInstance instance;
    private volatile Set<Long> live = Set.of();
    private volatile boolean closed;
    /** On the grid's thread. */
    private boolean warned;

    /** Why the grid did not answer; each node decides alone then. */
    static final class AwayException extends Exception {
        private static final long serialVersionUID = 1L;

        AwayException(String message, @Nullable Throwable cause) {
            super(message, cause, false, false);
        }
    }

    GridMember(GridSettings settings) {
        this.settings = settings;
        this.periodic = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "polymq-grid"));
        this.calls = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                task -> daemon(task, "polymq-grid-calls"));
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** To be called once, when all that has to be told is registered. Returns at once. */
    void start() {
        periodic.scheduleWithFixedDelay(this::startIfEnded, 0, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Which run of which process this is. */
    long id() {
        return id;
    }

    GridSettings.Pace pace() {
        return settings.pace();
    }

    /** The ids of all processes that are members now. */
    Set<Long> live() {
        return live;
    }

    /** Told on the grid's thread each time this process has joined, before it is asked anything. */
    void whenJoined(Consumer<HazelcastInstance> listener) {
        whenJoined.add(listener);
    }

    /** Told on the grid's thread when a member has come or gone, or what is shared may be another than before. */
    void whenChanged(Runnable listener) {
        whenChanged.add(listener);
    }

    /** Runs something on the grid's thread again and again while this process is a member. */
    void every(Duration pause, Consumer<HazelcastInstance> task) {
        periodic.scheduleWithFixedDelay(
                () -> {
                    HazelcastInstance there = instance;
                    if (there != null) {
                        guarded(() -> task.accept(there));
                    }
                },
                pause.toMillis(),
                pause.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Asks the grid something. Fails with {@link AwayException} if it is not there or does not answer in time. */
    <T> CompletionStage<T> ask(Function<HazelcastInstance, CompletionStage<T>> question) {
        HazelcastInstance there = instance;
        if (there == null) {
            return CompletableFuture.failedStage(new AwayException("this node is not a member of the grid", null));
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            calls.execute(() -> {
                try {
                    question.apply(there).whenComplete((value, failure) -> {
                        if (failure == null) {
                            answer.complete(value);
                        } else {
                            answer.completeExceptionally(new AwayException("the grid could not do it", failure));
                        }
                    });
                } catch (RuntimeException e) {
                    answer.completeExceptionally(new AwayException("the grid could not do it", e));
                }
            });
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedStage(new AwayException("too much waits for the grid, or it is closed", e));
        }
        return answer.orTimeout(settings.pace().answer().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Tells the grid something; what gets lost is told again by the next digest. */
    void tell(Consumer<HazelcastInstance> message) {
        HazelcastInstance there = instance;
        if (there != null) {
            try {
                calls.execute(() -> guarded(() -> message.accept(there)));
            } catch (RejectedExecutionException e) {
                log.debug("too much waits for the grid, or it is closed", e);
            }
        }
    }

    // ---- on the grid's thread

    private void startIfEnded() {
        HazelcastInstance before = instance;
        if (closed || (before != null && before.getLifecycleService().isRunning())) {
            return;
        }
        instance = null;
        live = Set.of();
        long began = System.nanoTime();
        try {
            HazelcastInstance started = Hazelcast.newHazelcastInstance(HazelcastConfig.of(settings, id));
            if (closed) {
                started.getLifecycleService().terminate();
                return;
            }
            started.getCluster().addMembershipListener(new Members());
            started.getLifecycleService().addLifecycleListener(event -> {
                if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
                    log.info("this node was apart from other members of the grid, and is with them again");
                    changed();
                }
            });
            started.getPartitionService().addPartitionLostListener(lost -> changed());
            live = ids(started);
            whenJoined.forEach(each -> each.accept(started));
            instance = started;
            warned = false;
            log.info(
                    "shares clients, counts and presence with {} other nodes after {} ms",
                    started.getCluster().getMembers().size() - 1,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            changed();
        } catch (RuntimeException e) {
            if (!warned) {
                log.warn(
                        "the grid did not start on {}; this node counts for itself, and tries again every {} s: {}",
                        settings.bind(),
                        AGAIN.toSeconds(),
                        e.getMessage());
            }
            warned = true;
            log.debug("why the grid did not start", e);
        }
    }

    private final class Members implements MembershipListener {
        @Override
        public void memberAdded(MembershipEvent event) {
            changed();
        }

        @Override
        public void memberRemoved(MembershipEvent event) {
            changed();
        }
    }

    private void changed() {
        try {
            periodic.execute(() -> {
                HazelcastInstance there = instance;
                if (there != null) {
                    guarded(() -> know(there));
                    whenChanged.forEach(GridMember::guarded);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("the grid is closed", e);
        }
    }

    private void know(HazelcastInstance there) {
        Set<Long> now = ids(there);
        if (!now.equals(live)) {
            live = now;
            log.info("the grid has {} members", now.size());
        }
    }

    private static Set<Long> ids(HazelcastInstance there) {
        return there.getCluster().getMembers().stream().map(GridMember::id).collect(Collectors.toUnmodifiableSet());
    }

    private static long id(Member member) {
        String id = member.getAttribute(HazelcastConfig.ID);
        return id == null ? 0 : Long.parseLong(id);
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // Members come and go: what was missed is done by the next digest.
            log.debug("the grid could not do it", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        calls.shutdown();
        periodic.shutdown();
        HazelcastInstance there = instance;
        instance = null;
        if (there != null) {
            there.shutdown();
        }
    }
}
