/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether this machine reaches an address by TCP, looked at once in ten seconds at most. A look has a thread of its
 * own, since it may wait; those who ask meanwhile get the same answer. Safe from any thread.
 */
final class Reachability {
    private static final int PATIENCE_MILLIS = 2_000;
    private static final long FRESH_MILLIS = 10_000;

    private final InstantSource clock;
    private final List<Consumer<Result>> waiting = new ArrayList<>();
    private @Nullable Result latest;
    private long lookedAt;

    /** @param problem why not, in the words of the system; null if it was reached */
    record Result(boolean reachable, @Nullable String problem) {}

    Reachability(InstantSource clock) {
        this.clock = clock;
    }

    /** Tells the result, at once or from another thread. */
    void of(InetSocketAddress address, Consumer<Result> told) {
        Result known;
        synchronized (this) {
            known = latest != null && clock.millis() - lookedAt < FRESH_MILLIS ? latest : null;
            if (known == null) {
                waiting.add(told);
                if (waiting.size() > 1) {
                    return;
                }
            }
        }
        if (known != null) {
            told.accept(known);
            return;
        }
        Thread look = new Thread(() -> tell(look(address)), "polymq-reachability");
        look.setDaemon(true);
        look.start();
    }

    private void tell(Result result) {
        List<Consumer<Result>> all;
        synchronized (this) {
            latest = result;
            lookedAt = clock.millis();
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(told -> told.accept(result));
    }

    private static Result look(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, PATIENCE_MILLIS);
            return new Result(true, null);
        } catch (IOException e) {
            return new Result(false, String.valueOf(e.getMessage()));
        }
    }
}
