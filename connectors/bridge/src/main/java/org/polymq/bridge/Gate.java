/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

/** Where links wait while their bridge is paused. Safe from any thread. */
final class Gate {
    private boolean open;

    Gate(boolean open) {
        this.open = open;
    }

    synchronized void set(boolean nowOpen) {
        open = nowOpen;
        notifyAll();
    }

    synchronized boolean isOpen() {
        return open;
    }

    /** Waits until it is open. */
    synchronized void pass() throws InterruptedException {
        while (!open) {
            wait();
        }
    }
}
