/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.BadInput;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.nameserver.NameServer;
import org.polymq.nameserver.NameServerConfig;
import org.polymq.nameserver.RequestGuard;

/** The name server alone in its process. Opened and closed by one thread. */
public final class StandaloneNameServer implements AutoCloseable {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Parts parts = new Parts();
    private final List<ReadyLines.Line> lines = new ArrayList<>();

    private StandaloneNameServer() {}

    /**
     * Opens the port {@code nameserver.port}.
     *
     * @throws IOException when the port or the data directory cannot be had; nothing is left open
     */
    public static StandaloneNameServer open(ServerConfig config) throws IOException {
        StandaloneNameServer server = new StandaloneNameServer();
        try {
            server.listen(config);
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void listen(ServerConfig config) throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Transport transport = parts.add("transport", Transport.open(1));
        Path directory = Files.createDirectories(config.storage().directory());
        BadInput badInput = new BadInput(registry);
        Optional<Path> secret = config.nameServer().secretFile();
        NameServer nameServer = parts.add(
                "name server",
                NameServer.open(
                        NameServerConfig.of(directory.resolve("nameserver.json")),
                        (channel, reason) -> badInput.close(channel, "nameserver", reason),
                        secret.isPresent()
                                ? NameServerGuard.standalone(NameServerGuard.proof(secret))
                                : RequestGuard.OPEN));
        ComponentSettings settings = new ComponentSettings(config);
        Listeners listeners = new Listeners(transport, settings.limits(), registry, settings.encryption());
        parts.atClose("listeners", () -> listeners.close(GRACE));
        Listener listener = listeners.bind(
                "nameserver",
                new InetSocketAddress(config.bind(), config.nameServer().port()),
                new NameServerProtocol(nameServer));
        lines.add(new ReadyLines.Line("nameserver", listener.address(), "RocketMQ brokers and clients"));
    }

    /** The one listener. */
    public List<ReadyLines.Line> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        parts.close();
    }
}
