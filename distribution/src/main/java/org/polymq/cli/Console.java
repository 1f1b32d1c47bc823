/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.util.concurrent.CountDownLatch;

/** Keeps a process in the foreground until it is told to stop. */
final class Console {
    private Console() {}

    /** Runs until SIGTERM or SIGINT, which run {@code close} and then end the process. Does not return. */
    static void runUntilStopped(Runnable close) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(close, "polymq-stop"));
        new CountDownLatch(1).await();
    }
}
