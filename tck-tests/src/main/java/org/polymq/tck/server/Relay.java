/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a load balancer does: gives each connection to the next of several servers that accepts one. For clients that
 * know one address only. Safe from any thread.
 */
public final class Relay implements AutoCloseable {
    private static final int CONNECT_MILLIS = 500;

    private final List<InetSocketAddress> servers;
    private final ServerSocket listening;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private Relay(List<InetSocketAddress> servers, ServerSocket listening) {
        this.servers = servers;
        this.listening = listening;
    }

    /** Opens one on a free port; addresses are {@code host:port}. */
    public static Relay to(List<String> addresses) throws IOException {
        List<InetSocketAddress> servers = addresses.stream()
                .map(each -> new InetSocketAddress(each.substring(0, each.lastIndexOf(':')), Endpoints.port(each)))
                .toList();
        Relay relay = new Relay(servers, new ServerSocket(0, 200, InetAddress.getLoopbackAddress()));
        start("accepts for the relay", relay::accept);
        return relay;
    }

    /** Where clients connect, {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                start("relays", () -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        for (int i = 0; i < servers.size(); i++) {
            InetSocketAddress server = servers.get(Math.floorMod(next.getAndIncrement(), servers.size()));
            Socket upstream = new Socket();
            try {
                upstream.connect(server, CONNECT_MILLIS);
            } catch (IOException down) {
                close(upstream);
                continue;
            }
            open.add(client);
            open.add(upstream);
            start("relays back", () -> copy(upstream, client));
            copy(client, upstream);
            return;
        }
        close(client);
    }

    private void copy(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[16 << 10];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException broken) {
            // Either side is gone: so is the other, below.
        } finally {
            close(from);
            close(to);
        }
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            System.err.println("closing a relayed connection: " + e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        List.copyOf(open).forEach(this::close);
    }
}
