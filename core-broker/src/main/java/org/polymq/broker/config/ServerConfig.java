/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ConnectorSettings;

/**
 * The whole configuration of a server, as one record per component.
 *
 * @param bind the address every listener binds
 * @param clusterName {@code cluster.name}
 * @param brokerName {@code broker.name}
 * @param logLevel error, warn, info, debug or trace
 * @param logFormat text or json
 * @param shown every key with its value as one would write it, in the order of the documentation
 * @param sources every key with where its value comes from: a file and line, a variable, --set or the default
 */
public record ServerConfig(
        InetAddress bind,
        String clusterName,
        String brokerName,
        String logLevel,
        String logFormat,
        StorageConfig storage,
        RetentionConfig retention,
        TopicsConfig topics,
        NameServerOptions nameServer,
        NativeConfig remoting,
        JmsConfig jms,
        MqttConfig mqtt,
        DashboardConfig dashboard,
        ConnectorSettings connectors,
        TracingConfig tracing,
        LimitsConfig limits,
        SecurityConfig security,
        ClusterConfig cluster,
        GridConfig grid,
        Map<String, String> shown,
        Map<String, String> sources) {

    /**
     * Reads the configuration: defaults, then the file, then the environment ({@code POLYMQ_NATIVE_PORT} for
     * {@code native.port}), then {@code --set}.
     *
     * @param file the YAML file, or null for none
     * @param environment {@link System#getenv()}
     * @param sets {@code key=value} each, the last one of a key wins
     * @throws ConfigException with a message to show as it is
     */
    public static ServerConfig load(@Nullable Path file, Map<String, String> environment, List<String> sets) {
        Values values = new Values(file, environment, sets);
        InetAddress bind = address(values, Options.BIND);
        SecurityConfig security = SecurityConfig.of(values, bind.isLoopbackAddress());
        LimitsConfig limits = limits(values);
        StorageConfig storage = storage(values);
        return new ServerConfig(
                bind,
                values.get(Options.CLUSTER_NAME),
                values.get(Options.BROKER_NAME),
                values.get(Options.LOG_LEVEL),
                values.get(Options.LOG_FORMAT),
                storage,
                RetentionConfig.of(values),
                new TopicsConfig(values.get(Options.TOPICS_DEFAULT_QUEUES)),
                new NameServerOptions(
                        values.get(Options.NAMESERVER_EMBEDDED),
                        values.get(Options.NAMESERVER_PORT),
                        values.get(Options.NAMESERVER_ADDRESSES),
                        Optional.of(values.get(Options.NAMESERVER_SECRET_FILE))
                                .filter(name -> !name.isBlank())
                                .map(Path::of)),
                new NativeConfig(
                        values.get(Options.NATIVE_PORT),
                        advertise(values, bind),
                        values.get(Options.NATIVE_AUTO_CREATE),
                        values.get(Options.NATIVE_MAX_DELIVER_SIZE),
                        values.get(Options.NATIVE_DELAY_LEVELS),
                        values.get(Options.NATIVE_QUEUE_LOCK_TIME),
                        new NativeConfig.Transactions(
                                values.get(Options.NATIVE_TRANSACTION_TIMEOUT),
                                values.get(Options.NATIVE_TRANSACTION_INTERVAL),
                                values.get(Options.NATIVE_TRANSACTION_MAX))),
                new JmsConfig(
                        values.get(LimitOptions.JMS_FRAME),
                        values.get(JmsOptions.MAX_DELIVERIES),
                        values.get(JmsOptions.REDELIVERY_DELAY),
                        values.get(JmsOptions.REDELIVERY_BACKOFF),
                        values.get(JmsOptions.REDELIVERY_MAX_DELAY),
                        values.get(JmsOptions.TRANSACTION_TIMEOUT),
                        values.get(JmsOptions.AUTO_CREATE)),
                MqttOptions.read(values),
                new DashboardConfig(values.get(Options.DASHBOARD_PORT)),
                ConnectorOptions.read(values),
                TracingOptions.read(values),
                limits,
                security,
                ClusterConfig.of(values, bind.isLoopbackAddress()),
                GridConfig.of(values),
                shown(values),
                sources(values));
    }

    /**
     * The same configuration with other values of some keys.
     *
     * @throws ConfigException if one is not known or not allowed
     */
    public ServerConfig with(Map<String, String> changes) {
        Map<String, String> all = new LinkedHashMap<>(shown);
        all.keySet().removeIf(key -> Values.DEFAULT.equals(sources.get(key)));
        all.putAll(changes);
        return load(
                null,
                Map.of(),
                all.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
    }

    /**
     * The configuration of this process's part in one group of a cluster of several: its log is
     * {@code DATA/groups/NAME}, and its ports are 10 times the slot above those of this one; 0 stays 0.
     *
     * @param slot the group's place in {@code cluster.groups}, from 0
     * @throws IllegalArgumentException if there is no such group
     * @throws ConfigException if one of its ports is above 65535
     */
    public ServerConfig ofGroup(int slot) {
        if (slot < 0 || slot >= cluster.groups().size()) {
            throw new IllegalArgumentException("no group in slot " + slot + " of " + cluster.groups());
        }
        String name = cluster.groups().get(slot);
        Map<String, String> changes = new LinkedHashMap<>();
        changes.put(Options.BROKER_NAME.key(), name);
        changes.put(Options.DATA.key(), groupDirectory(name).toString());
        changes.put(Options.NATIVE_PORT.key(), Integer.toString(ClusterConfig.portOf(slot, remoting.port())));
        changes.put(Options.DASHBOARD_PORT.key(), Integer.toString(ClusterConfig.portOf(slot, dashboard.port())));
        changes.put(
                ClusterOptions.NODES.key(),
                ClusterOptions.NODES
                        .type()
                        .show()
                        .apply(cluster.nodesOf(slot).stream()
                                .map(ClusterConfig.Node::toString)
                                .toList()));
        // Users are the same in all groups, so the key of their secrets is.
        changes.put(SecurityOptions.KEY_FILE.key(), security.keyFile().toString());
        inOwnDirectory(Options.STORAGE_BACKUP_DIRECTORY, name, changes);
        inOwnDirectory(SecurityOptions.AUDIT_DIRECTORY, name, changes);
        return with(changes).from(sources, changes.keySet(), "group " + name + " of cluster.groups");
    }

    /**
     * Where this configuration's group reaches a node.
     *
     * @param address {@code host:port}, as {@code cluster.nodes} has it
     * @return the same in a cluster of one group; on the group's own port in one of several
     * @throws ConfigException if that port is above 65535
     */
    public String addressInGroup(String address) {
        int slot = Math.max(0, cluster.groups().indexOf(brokerName));
        int colon = address.lastIndexOf(':');
        return address.substring(0, colon + 1)
                + ClusterConfig.portOf(slot, Integer.parseInt(address.substring(colon + 1)));
    }

    /** Where the log of a group of a cluster of several is. */
    private Path groupDirectory(String name) {
        return storage.directory().resolve("groups").resolve(name);
    }

    private void inOwnDirectory(Option<String> option, String name, Map<String, String> changes) {
        String directory = shown.getOrDefault(option.key(), "");
        if (!directory.isEmpty()) { // else it is below the group's data
            changes.put(option.key(), Path.of(directory).resolve(name).toString());
        }
    }

    private ServerConfig from(Map<String, String> before, Set<String> changed, String by) {
        Map<String, String> named = new LinkedHashMap<>(before);
        changed.forEach(key -> named.put(key, by));
        return new ServerConfig(
                bind,
                clusterName,
                brokerName,
                logLevel,
                logFormat,
                storage,
                retention,
                topics,
                nameServer,
                remoting,
                jms,
                mqtt,
                dashboard,
                connectors,
                tracing,
                limits,
                security,
                cluster,
                grid,
                shown,
                Collections.unmodifiableMap(named));
    }

    private static StorageConfig storage(Values values) {
        return new StorageConfig(
                Path.of(values.get(Options.DATA)),
                values.get(Options.STORAGE_FLUSH),
                values.get(Options.STORAGE_FLUSH_INTERVAL),
                values.get(Options.STORAGE_SEGMENT_SIZE),
                values.get(Options.STORAGE_RETENTION),
                values.get(Options.STORAGE_FULL_BELOW),
                values.get(Options.STORAGE_VIEWS_MEMORY),
                SecurityConfig.path(values.get(Options.STORAGE_BACKUP_DIRECTORY))
                        .orElse(Path.of(values.get(Options.DATA)).resolve("backups")));
    }

    private static LimitsConfig limits(Values values) {
        return new LimitsConfig(
                values.get(LimitOptions.CONNECTIONS),
                values.get(LimitOptions.CONNECTIONS_PER_ADDRESS),
                values.get(LimitOptions.CONNECTION_RATE),
                values.get(LimitOptions.CONNECTIONS_PER_USER),
                values.get(LimitOptions.CLUSTER_CONNECTIONS),
                new LimitsConfig.Login(
                        values.get(LimitOptions.FIRST_BYTES),
                        values.get(LimitOptions.HANDSHAKE),
                        values.get(LimitOptions.LOGIN_SIZE),
                        values.get(LimitOptions.LOGIN_MEMORY)),
                values.get(LimitOptions.REQUEST_RATE),
                values.get(LimitOptions.MESSAGE_SIZE),
                values.get(LimitOptions.LARGE_MEMORY),
                values.get(LimitOptions.JMS_FRAME),
                values.get(LimitOptions.MQTT_PACKET),
                values.get(LimitOptions.QUEUE_DEPTH),
                values.get(LimitOptions.TOPIC_LENGTH),
                values.get(LimitOptions.TOPIC_LEVELS),
                values.get(LimitOptions.SUBSCRIPTIONS),
                values.get(LimitOptions.IN_FLIGHT),
                values.get(LimitOptions.UNSENT),
                values.get(LimitOptions.USER_PROPERTIES),
                values.get(LimitOptions.USER_PROPERTIES_SIZE));
    }

    private static InetAddress address(Values values, Option<String> option) {
        String host = values.get(option);
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new ConfigException(
                    values.source(option) + ": " + option.key() + " is \"" + host
                            + "\", which is no address and no name" + " this machine can resolve",
                    e);
        }
    }

    private static InetAddress advertise(Values values, InetAddress bind) {
        if (!values.get(Options.ADVERTISE).isEmpty()) {
            return address(values, Options.ADVERTISE);
        }
        if (!bind.isAnyLocalAddress()) {
            return bind;
        }
        return OwnAddress.find()
                .orElseThrow(() -> new ConfigException(
                        "bind is a wildcard and this machine's own address is unknown: set advertise to the address"
                                + " that clients reach it by"));
    }

    private static Map<String, String> shown(Values values) {
        Map<String, String> shown = new LinkedHashMap<>();
        for (Option<?> option : Options.all()) {
            shown.put(option.key(), show(option, values));
        }
        return Collections.unmodifiableMap(shown);
    }

    private static Map<String, String> sources(Values values) {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Option<?> option : Options.all()) {
            sources.put(option.key(), values.source(option));
        }
        return Collections.unmodifiableMap(sources);
    }

    private static <T> String show(Option<T> option, Values values) {
        return option.type().show().apply(values.get(option));
    }
}
