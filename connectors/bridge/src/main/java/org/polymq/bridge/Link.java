/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.LinkState.Phase;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.broker.BrokerException;
import org.polymq.broker.connector.ConnectorContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one link going: connects, has its work done, and after a failure waits and connects again. It ends when it is
 * closed, or at a message that the other side refuses and the operator wants to look at.
 */
final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** What a link does while it is connected. */
    interface Work {
        /**
         * Connects, and moves messages until something fails; never returns.
         *
         * @param progress told when messages were moved
         */
        void run(Runnable progress) throws RemoteDownException, StoppedException, InterruptedException;
    }

    /** A message was refused, and the policy is to stop. */
    static final class StoppedException extends Exception {
        private static final long serialVersionUID = 1L;

        StoppedException(String reason) {
            super(reason);
        }
    }

    private final String name;
    private final ConnectorContext context;
    private final LinkState state;
    private final Backoff backoff;
    private final ClassLoader code;
    private final Work work;
    private @Nullable Run run;

    Link(String name, ConnectorContext context, LinkState state, Backoff backoff, ClassLoader code, Work work) {
        this.name = name;
        this.context = context;
        this.state = state;
        this.backoff = backoff;
        this.code = code;
        this.work = work;
    }

    LinkState.Condition condition() {
        return state.condition();
    }

    void start() {
        Run begun = new Run();
        run = begun;
        begun.thread.start();
    }

    /** Has it end, without waiting. */
    void end() {
        Run current = run;
        if (current != null) {
            current.end();
        }
    }

    /** Waits until it has ended; what was under way is done again by the next one. */
    @Override
    public void close() {
        Run current = run;
        run = null;
        if (current != null) {
            current.end();
            current.await();
        }
    }

    /** From one start to the next end. */
    private final class Run {
        private final CountDownLatch closed = new CountDownLatch(1);
        private final Thread thread = context.thread("link", this::run);

        Run() {
            thread.setContextClassLoader(code);
        }

        private void run() {
            try {
                boolean again = true;
                while (again) {
                    state.is(Phase.CONNECTING, state.condition().error());
                    again = attempt() && !closed.await(backoff.next().toMillis(), TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                LOG.debug("bridge {} is closed", name);
            }
        }

        private boolean attempt() throws InterruptedException {
            try {
                work.run(backoff::reset);
            } catch (RemoteDownException | BrokerException e) {
                down(e);
            } catch (StoppedException e) {
                state.is(Phase.STOPPED, text(e));
                context.counters().error();
                LOG.error("bridge {} has stopped: {}", name, e.getMessage());
                return false;
            } catch (RuntimeException | LinkageError e) {
                // A client's bug must not end the link for ever.
                LOG.error("bridge {} failed", name, e);
                down(e);
            }
            return true;
        }

        private void down(Throwable e) {
            if (closed.getCount() == 0) {
                return;
            }
            context.counters().error();
            context.counters().retry();
            String before = state.condition().error();
            state.is(Phase.DOWN, text(e));
            if (!before.equals(text(e))) {
                LOG.warn("bridge {} is down and tries again: {}", name, text(e));
            }
        }

        void end() {
            closed.countDown();
            thread.interrupt();
        }

        void await() {
            try {
                thread.join(GRACE.toMillis());
                if (thread.isAlive()) {
                    LOG.warn("bridge {} did not end within {}", name, GRACE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String text(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
