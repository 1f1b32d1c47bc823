/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the log can still store. Safe from any thread. */
final class Health {
    private static final Logger LOG = LoggerFactory.getLogger(Log.class);

    private final AtomicReference<@Nullable StorageException> failure = new AtomicReference<>();
    private volatile boolean full;

    /** Why nothing is stored any more, or null. */
    @Nullable
    StorageException failure() {
        return failure.get();
    }

    /** Final. The first cause stays. */
    StorageException fail(String what, Throwable cause) {
        StorageException exception = new StorageException(
                StorageException.Reason.FAILED,
                what + ": " + cause + "; nothing is stored until the broker is started again",
                cause);
        if (failure.compareAndSet(null, exception)) {
            LOG.error(exception.getMessage(), cause);
        }
        StorageException first = failure.get();
        return first == null ? exception : first;
    }

    boolean full() {
        return full;
    }

    void full(boolean now, String why) {
        if (full != now) {
            full = now;
            if (now) {
                LOG.warn("The disk is full ({}): messages are refused until there is space", why);
            } else {
                LOG.info("The disk has space again ({}): messages are taken", why);
            }
        }
    }
}
