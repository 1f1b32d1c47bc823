/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Finds loopback ports for servers that cannot take port 0. Another process may still take one in between. */
public final class FreePorts {
    private FreePorts() {}

    /**
     * Finds a run of free ports.
     *
     * @param count how many ports in a row, at least 1
     * @return the first of them
     * @throws IOException if a hundred attempts found none
     */
    public static int block(int count) throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int first = probe(0);
            boolean free = first + count < 65_536;
            for (int i = 1; free && i < count; i++) {
                free = probe(first + i) > 0;
            }
            if (free) {
                return first;
            }
        }
        throw new IOException("found no " + count + " free loopback ports in a row");
    }

    /** The port itself, or 0 if it is taken. Port 0 asks for any free one. */
    private static int probe(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException taken) {
            return 0;
        }
    }
}
