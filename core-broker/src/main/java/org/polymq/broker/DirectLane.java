/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

/** Runs each task at once on the calling thread. */
enum DirectLane implements Lane {
    INSTANCE;

    @Override
    public boolean inLane() {
        return true;
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }
}
