/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Requests on their way to one consumer, who takes all at once in the order they came. A request is in one queue. */
final class RequestQueue {
    private static final VarHandle NEWEST;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(RequestQueue.class, "newest", AppendRequest.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile @Nullable AppendRequest newest;

    void push(AppendRequest request) {
        AppendRequest before;
        do {
            before = newest;
            request.next = before;
        } while (!NEWEST.compareAndSet(this, before, request));
    }

    boolean isEmpty() {
        return newest == null;
    }

    /** The oldest request, linked to the younger ones. */
    @Nullable
    AppendRequest takeAll() {
        AppendRequest request = (AppendRequest) NEWEST.getAndSet(this, null);
        AppendRequest oldest = null;
        while (request != null) {
            AppendRequest older = request.next;
            request.next = oldest;
            oldest = request;
            request = older;
        }
        return oldest;
    }
}
