/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port of this machine that leads to a server's, until it is cut. Safe from any thread. */
final class BreakableNetwork implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;
    private volatile boolean answersLost;
    private volatile boolean down;

    BreakableNetwork(int target) throws IOException {
        this.target = target;
        start("accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Leads elsewhere from now on. */
    void leadTo(int port) {
        target = port;
    }

    /** From now on what the server says is lost. */
    void loseAnswers() {
        answersLost = true;
    }

    /** Ends every connection; new ones are possible, and hear answers. */
    void cut() throws IOException {
        List<Socket> open = List.copyOf(sockets); // and not those that come while these are closed
        sockets.removeAll(open);
        for (Socket socket : open) {
            socket.close();
        }
        answersLost = false;
    }

    /** Whether new connections are refused. */
    void down(boolean down) {
        this.down = down;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (down) {
                    client.close();
                    continue;
                }
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                start("to server", () -> copy(client, server, false));
                start("to client", () -> copy(server, client, true));
            } catch (IOException e) {
                // The listener was closed, or the server is not there: the client sees its connection end.
            }
        }
    }

    private void copy(Socket from, Socket to, boolean answers) {
        byte[] buffer = new byte[65_536];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!answers || !answersLost) {
                    out.write(buffer, 0, count);
                }
            }
        } catch (IOException e) {
            // It was cut.
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "network " + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
