/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Something that runs under the append lock, in order with the requests before and after it. */
final class Command extends AppendRequest {
    private final Runnable action;
    private final CountDownLatch done = new CountDownLatch(1);

    Command(Runnable action) {
        super(List.of(), false, true);
        this.action = action;
    }

    void run() {
        try {
            action.run();
        } finally {
            done.countDown();
        }
    }

    /** Waits until it ran; an interrupt is handed on afterwards. */
    void await() {
        boolean interrupted = false;
        while (done.getCount() > 0) {
            try {
                done.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void completed() {
        // It is never stored.
    }

    @Override
    protected void failed(StorageException cause) {
        done.countDown();
    }
}
