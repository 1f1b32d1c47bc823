/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/** Runs a step again and again. The real one is a thread; a simulation runs steps itself. */
interface Worker {
    /** Asks for the step to run soon. From any thread; cheap if it was asked already. */
    void wake();

    /** Ends it. The step runs no more once this returns. */
    void stop();

    /** What a worker does. */
    @FunctionalInterface
    interface Step {
        /** Waits until it is woken. */
        long UNTIL_WOKEN = Long.MAX_VALUE;

        /**
         * Does what there is to do.
         *
         * @return after how many nanoseconds to run again; 0 at once
         */
        long run();
    }

    /** Makes workers. */
    @FunctionalInterface
    interface Factory {
        Worker start(String name, Step step);
    }
}
