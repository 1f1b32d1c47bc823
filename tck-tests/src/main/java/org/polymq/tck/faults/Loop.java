/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

/** Does one thing again and again on a thread of its own until it is told to stop. */
final class Loop {
    private final Step step;
    private final Runnable end;
    private final Thread thread;
    private volatile boolean stopping;

    /** What is done. */
    interface Step {
        void once() throws InterruptedException;
    }

    /** {@code end} runs on the same thread after the last step. */
    Loop(String name, Step step, Runnable end) {
        this.step = step;
        this.end = end;
        this.thread = new Thread(this::run, name);
    }

    void start() {
        thread.start();
    }

    /** Ends after the step in hand and waits for that. */
    void stop() throws InterruptedException {
        stopping = true;
        thread.join();
    }

    /** Ends after the step in hand, without waiting. */
    void halt() {
        stopping = true;
    }

    private void run() {
        try {
            while (!stopping) {
                step.once();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end.run();
        }
    }
}
