/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.polymq.bridge.BridgeConfig.Protocol;
import org.polymq.broker.BrokerException;
import org.polymq.broker.connector.ConfigProblem;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorKind;
import org.polymq.broker.connector.ConnectorPlugin;
import org.polymq.broker.connector.RunningConnector;

/** Connectors that are bridges. Immutable. */
final class BridgeKind implements ConnectorKind {
    static final String NAME = "bridge";

    private final Path clients;
    private final Path plugins;

    /**
     * @param clients directory with a directory of client jars for each protocol that PolyMQ brings
     * @param plugins directory with the operator's directories of jars
     */
    BridgeKind(Path clients, Path plugins) {
        this.clients = clients;
        this.plugins = plugins;
    }

    /** The directory that the bridge's own jar is in. */
    static Path home() {
        CodeSource source = BridgeKind.class.getProtectionDomain().getCodeSource();
        try {
            return source == null
                    ? Path.of("")
                    : Path.of(source.getLocation().toURI()).resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the bridge's jar has no place in the file system", e);
        }
    }

    @Override
    public List<ConnectorPlugin> plugins() {
        String version = String.valueOf(BridgeKind.class.getPackage().getImplementationVersion());
        return Arrays.stream(Protocol.values())
                .map(protocol -> new ConnectorPlugin(NAME, NAME, protocol.word(), version, clients.toString()))
                .toList();
    }

    @Override
    public List<ConfigProblem> check(String name, Map<String, String> config) {
        try {
            BridgeConfig read = BridgeOptions.read(name, config);
            try (RemoteCode code = RemoteCode.of(jars(read), read.protocol().remoteClass())) {
                code.open(read.protocol().remoteClass(), read.remote());
            }
            return List.of();
        } catch (BrokerException e) {
            return List.of(new ConfigProblem("", String.valueOf(e.getMessage())));
        } catch (IOException e) {
            throw new UncheckedIOException("the client's jars do not close", e);
        }
    }

    @Override
    public Set<String> hidden(Map<String, String> config) {
        return Set.of("password", "tls.key", "jms.factory.password", "jms.jndi.java.naming.security.credentials");
    }

    @Override
    public RunningConnector start(ConnectorContext context) throws InterruptedException {
        BridgeConfig config = BridgeOptions.read(context.name(), context.config());
        return Bridge.start(config, context, jars(config));
    }

    private Path jars(BridgeConfig config) {
        return config.plugin().isEmpty() ? clients.resolve(config.protocol().word()) : plugins.resolve(config.plugin());
    }

    @Override
    public void close() {
        // Each bridge has its own jars open, and closes them.
    }
}
