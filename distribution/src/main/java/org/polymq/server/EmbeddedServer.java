/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.polymq.broker.config.ServerConfig;

/**
 * A server in somebody else's process. All types in its signatures are Java's own, so that it can be used from another
 * class loader, as {@code polymq-junit} does. Opened and closed by one thread.
 */
public final class EmbeddedServer implements AutoCloseable {
    private final Server server;

    private EmbeddedServer(Server server) {
        this.server = server;
    }

    /**
     * Opens a server; the environment of the process is not looked at.
     *
     * @param settings {@code key=value} each, as {@code --set} takes them
     * @throws IOException when the disk or a port cannot be had
     */
    public static EmbeddedServer open(List<String> settings) throws IOException {
        ServerConfig config = ServerConfig.load(null, Map.of(), settings);
        LogSetup.level(config.logLevel());
        return new EmbeddedServer(Server.open(config));
    }

    /**
     * Where it listens, by the names of the ready lines: {@code nameserver}, {@code native}, {@code mqtt} and others.
     */
    public Map<String, InetSocketAddress> listeners() {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        server.lines().forEach(line -> addresses.put(line.name(), line.address()));
        return addresses;
    }

    @Override
    public void close() {
        server.close();
    }
}
