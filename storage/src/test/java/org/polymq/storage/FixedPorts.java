/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;

/**
 * Ports for a server that has to come back where it was. They lie below the range from which the kernel gives ports to
 * outgoing connections, so that no client takes one while the server is down.
 */
public final class FixedPorts {
    private static final int LOWEST = 12_000;
    private static final int HIGHEST = 32_000;

    private final Random random = new Random();

    /**
     * Finds a run of free ports.
     *
     * @param count how many ports in a row
     * @return the first of them
     */
    public int block(int count) throws IOException {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            int first = LOWEST + random.nextInt(HIGHEST - LOWEST - count);
            boolean free = true;
            for (int port = first; free && port < first + count; port++) {
                free = isFree(port);
            }
            if (free) {
                return first;
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
