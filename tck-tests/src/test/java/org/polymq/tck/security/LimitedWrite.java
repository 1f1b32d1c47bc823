/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Writes to a socket for a minute at most: a socket's own limit is for reads alone. */
final class LimitedWrite {
    private static final Executor IN_A_MINUTE = CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES);

    private LimitedWrite() {}

    static void to(Socket socket, byte[] bytes) throws IOException {
        CompletableFuture<Void> end = CompletableFuture.runAsync(() -> close(socket), IN_A_MINUTE);
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            if (socket.isClosed()) {
                throw new AssertionError("the server takes nothing and does not close the connection", e);
            }
            throw e;
        } finally {
            end.cancel(false);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
