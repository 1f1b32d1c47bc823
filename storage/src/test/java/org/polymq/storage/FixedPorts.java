/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Ports for a server that has to come back where it was. They lie below the range from which the kernel gives ports to
 * outgoing connections, so that no client takes one while the server is down. Each process has a slice of its own and
 * goes through it, so that what it gave a moment ago, and is not bound yet, is not given again. Safe from any thread.
 */
public final class FixedPorts {
    private static final int LOWEST = 12_000;
    private static final int SLICES = 20;
    private static final int SLICE = 1_000;

    /** Of the whole process, whose tests run one beside the other; not where the process before it began. */
    private static final AtomicInteger given =
            new AtomicInteger((int) (ProcessHandle.current().pid() % SLICE));

    private static final Slice slice = Slice.claim();

    private final int first = LOWEST + SLICE * slice.number();

    /** A process's slice is its own while it holds a port that stands for it, below all slices. */
    private record Slice(int number, ServerSocket held) {
        static Slice claim() {
            for (int number = 0; number < SLICES; number++) {
                try {
                    return new Slice(
                            number, new ServerSocket(LOWEST - SLICES + number, 1, InetAddress.getLoopbackAddress()));
                } catch (IOException taken) {
                    // By another process.
                }
            }
            throw new IllegalStateException(SLICES + " processes have fixed ports already");
        }
    }

    /**
     * Finds a run of free ports.
     *
     * @param count how many ports in a row, at most 100
     * @return the first of them
     */
    public int block(int count) throws IOException {
        for (int attempt = 0; attempt < SLICE; attempt++) {
            int at = Math.floorMod(given.getAndAdd(count), SLICE);
            if (at + count <= SLICE
                    && IntStream.range(first + at, first + at + count).allMatch(FixedPorts::isFree)) {
                return first + at;
            }
        }
        throw new IOException("no " + count + " free ports in a row");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
