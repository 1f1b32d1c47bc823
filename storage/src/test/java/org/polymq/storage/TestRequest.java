/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A request whose outcome is a future. */
final class TestRequest extends AppendRequest {
    private final CompletableFuture<TestRequest> outcome = new CompletableFuture<>();

    TestRequest(List<ByteBuffer> records, boolean sync, boolean control) {
        super(records, sync, control);
    }

    static TestRequest message(ByteBuffer... records) {
        return new TestRequest(List.of(records), false, false);
    }

    static TestRequest control(ByteBuffer... records) {
        return new TestRequest(List.of(records), false, true);
    }

    CompletableFuture<TestRequest> outcome() {
        return outcome;
    }

    /** Waits for the outcome. */
    TestRequest join() {
        return outcome.orTimeout(60, TimeUnit.SECONDS).join();
    }

    boolean isCompleted() {
        return outcome.isDone() && !outcome.isCompletedExceptionally();
    }

    boolean isFailed() {
        return outcome.isCompletedExceptionally();
    }

    @Override
    protected void completed() {
        if (!outcome.complete(this)) {
            throw new IllegalStateException("answered twice");
        }
    }

    @Override
    protected void failed(StorageException cause) {
        if (!outcome.completeExceptionally(cause)) {
            throw new IllegalStateException("answered twice");
        }
    }
}
