/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a log's two workers on the test's own thread, in the order the test wants, with a clock that it moves. */
final class ManualWorkers {
    private final List<Manual> workers = new ArrayList<>();
    private final long identity;
    private long nanos;

    ManualWorkers(long identity) {
        this.identity = identity;
    }

    Log.Environment environment() {
        workers.clear();
        return new Log.Environment(() -> identity, () -> nanos, this::start, new Health());
    }

    private Worker start(String name, Worker.Step step) {
        Manual worker = new Manual(name, step);
        workers.add(worker);
        return worker;
    }

    void advance(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** One round of the flusher. */
    void flush() {
        run("polymq-log-flush");
    }

    /** One round of the background. */
    void work() {
        run("polymq-log-background");
    }

    private void run(String name) {
        for (Manual worker : workers) {
            if (worker.name().equals(name)) {
                worker.step().run();
            }
        }
    }

    /** Runs both until neither has anything to do. */
    void settle() {
        for (int i = 0; i < 50; i++) {
            advance(1000);
            flush();
            work();
        }
    }

    private record Manual(String name, Worker.Step step) implements Worker {
        @Override
        public void wake() {
            // The test decides when it runs.
        }

        @Override
        public void stop() {
            // It runs no more as the test does not run it.
        }
    }
}
