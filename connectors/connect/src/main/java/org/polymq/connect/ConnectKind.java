/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;
import org.polymq.broker.connector.ConfigProblem;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ConnectorKind;
import org.polymq.broker.connector.ConnectorPlugin;
import org.polymq.broker.connector.RunningConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connectors that are plugins of Kafka Connect. Safe from any thread. */
final class ConnectKind implements ConnectorKind {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectKind.class);

    private final Plugins plugins;

    ConnectKind(Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public List<ConnectorPlugin> plugins() {
        List<ConnectorPlugin> found = new ArrayList<>();
        Map<Path, PluginLoader> loaders = plugins.loaders();
        loaders.forEach((place, loader) -> {
            find(found, "source", SourceConnector.class, loader, place);
            find(found, "sink", SinkConnector.class, loader, place);
            find(found, "converter", Converter.class, loader, place);
            find(found, "transform", Transformation.class, loader, place);
            find(found, "predicate", Predicate.class, loader, place);
        });
        return found;
    }

    private static <T> void find(
            List<ConnectorPlugin> found, String type, Class<T> service, PluginLoader loader, Path place) {
        Set<String> names = new HashSet<>();
        try {
            for (ServiceLoader.Provider<T> provider :
                    ServiceLoader.load(service, loader).stream().toList()) {
                if (names.add(provider.type().getName())) {
                    found.add(new ConnectorPlugin(
                            ConnectProvider.KIND,
                            type,
                            provider.type().getName(),
                            version(provider),
                            String.valueOf(place.getFileName())));
                }
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            LOG.warn("the plugin {} cannot be listed: {}", place, e.getMessage());
        }
    }

    private static <T> String version(ServiceLoader.Provider<T> provider) {
        try {
            return provider.get() instanceof Versioned versioned ? String.valueOf(versioned.version()) : "";
        } catch (RuntimeException | ServiceConfigurationError | LinkageError e) {
            LOG.debug("{} does not say its version", provider.type(), e);
            return "";
        }
    }

    @Override
    public List<ConfigProblem> check(String name, Map<String, String> config) {
        return new ConfigCheck(plugins).check(name, config);
    }

    @Override
    public Set<String> hidden(Map<String, String> config) {
        Set<String> hidden = new TreeSet<>();
        try {
            Connector connector = plugins.make(
                    CommonConfig.CLASS_KEY, config.getOrDefault(CommonConfig.CLASS_KEY, ""), Connector.class, null);
            for (ConfigDef.ConfigKey key : Foreign.call(
                    connector.getClass().getClassLoader(),
                    () -> connector.config().configKeys().values())) {
                if (key.type == ConfigDef.Type.PASSWORD) {
                    hidden.add(key.name);
                }
            }
        } catch (ConfigException e) {
            LOG.debug("a configuration without a known plugin", e);
        } catch (Exception e) {
            LOG.warn("a plugin does not say which of its keys are secrets: {}", Texts.describe(e));
        }
        for (String key : config.keySet()) {
            if (key.matches("(?i).*(password|passphrase|secret|token|credential|sasl\\.jaas).*")) {
                hidden.add(key);
            }
        }
        return hidden;
    }

    @Override
    public RunningConnector start(ConnectorContext context) throws Exception {
        return ConnectConnector.start(context, plugins);
    }

    @Override
    public void close() {
        plugins.close();
    }
}
