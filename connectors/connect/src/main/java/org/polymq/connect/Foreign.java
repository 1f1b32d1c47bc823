/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Calls a plugin's code with its own classes as the thread's. */
final class Foreign {
    private Foreign() {}

    static <T extends @Nullable Object> T call(ClassLoader classes, Callable<T> code) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(classes);
        try {
            return code.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Code that answers nothing. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    static void run(ClassLoader classes, Action code) throws Exception {
        Foreign.<@Nullable Object>call(classes, () -> {
            code.run();
            return null;
        });
    }
}
