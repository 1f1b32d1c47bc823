/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.connector.ConfigProblem;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorKind;
import org.polymq.broker.connector.ConnectorKindProvider;
import org.polymq.broker.connector.ConnectorPlugin;
import org.polymq.broker.connector.ConnectorSettings;
import org.polymq.broker.connector.RunningConnector;

/** Bridges to {@link FakeRemote}s. */
final class FakeBridgeKind implements ConnectorKind {
    /** By the plugins' directory of the test: a kind is made without the test's help. */
    static final Map<Path, FakeRemote> REMOTES = new ConcurrentHashMap<>();

    private final Path plugins;

    private FakeBridgeKind(Path plugins) {
        this.plugins = plugins;
    }

    /** Found by the framework. */
    public static final class Provider implements ConnectorKindProvider {
        @Override
        public String name() {
            return "fake-bridge";
        }

        @Override
        public ConnectorKind open(ConnectorSettings settings) {
            return new FakeBridgeKind(settings.plugins());
        }
    }

    @Override
    public List<ConnectorPlugin> plugins() {
        return List.of();
    }

    @Override
    public List<ConfigProblem> check(String name, Map<String, String> config) {
        return List.of();
    }

    @Override
    public Set<String> hidden(Map<String, String> config) {
        return Set.of();
    }

    @Override
    public RunningConnector start(ConnectorContext context) throws InterruptedException {
        BridgeConfig config = BridgeOptions.read(context.name(), context.config());
        RemoteCode code = RemoteCode.of(plugins, config.protocol().remoteClass());
        FakeRemote remote = REMOTES.get(plugins);
        if (remote == null) {
            throw new IllegalStateException("the test has no remote");
        }
        return Bridge.start(config, context, code, remote);
    }

    @Override
    public void close() {}
}
