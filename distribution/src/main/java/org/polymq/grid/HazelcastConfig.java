/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.config.AdvancedNetworkConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.config.TcpIpConfig;
import java.util.Map;

/**
 * Hazelcast as this project uses it: one port for members only, found by a list; everything else that it would open,
 * look for or send home is off.
 */
final class HazelcastConfig {
    /** The attribute of a member that says which run of which process it is. */
    static final String ID = "polymq.id";

    private static final int MERGED_AT_ONCE = 1_000;

    private HazelcastConfig() {}

    static Config of(GridSettings settings, long id) {
        Config config = new Config();
        config.setClusterName(settings.cluster());
        config.setInstanceName("polymq-" + Long.toHexString(id));
        config.setClassLoader(HazelcastConfig.class.getClassLoader());
        config.getMemberAttributeConfig().setAttribute(ID, Long.toString(id));
        properties(settings).forEach(config::setProperty);
        config.getJetConfig().setEnabled(false);
        config.getMetricsConfig().setEnabled(false);
        config.getIntegrityCheckerConfig().setEnabled(false);
        config.setAdvancedNetworkConfig(network(settings));
        config.getSerializationConfig().setJavaSerializationFilterConfig(new JavaSerializationFilterConfig());
        Wire.serializers()
                .forEach(each -> config.getSerializationConfig()
                        .getCompactSerializationConfig()
                        .addSerializer(each));
        Wire.register(config.getSerializationConfig());
        config.addMapConfig(map(GridClaims.MAP)
                .setMergePolicyConfig(new MergePolicyConfig(HigherEpoch.class.getName(), MERGED_AT_ONCE)));
        config.addMapConfig(map(GridUsers.MAP));
        config.addMapConfig(map(GridLogins.MAP));
        config.addMapConfig(map(GridPresence.MAP));
        return config;
    }

    private static MapConfig map(String name) {
        MapConfig config = new MapConfig(name)
                .setInMemoryFormat(InMemoryFormat.BINARY)
                .setBackupCount(1)
                .setStatisticsEnabled(false);
        return config;
    }

    /** With no endpoint for clients, nor for REST or memcache: the port speaks the members' protocol alone. */
    private static AdvancedNetworkConfig network(GridSettings settings) {
        ServerSocketEndpointConfig members = new ServerSocketEndpointConfig();
        members.setPort(settings.bind().getPort())
                .setPortAutoIncrement(false)
                .setReuseAddress(true)
                .setPublicAddress(settings.reachedAt());
        if (!settings.bind().getAddress().isAnyLocalAddress()) {
            members.getInterfaces()
                    .setEnabled(true)
                    .addInterface(settings.bind().getAddress().getHostAddress());
        }
        JoinConfig join = new JoinConfig();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.setTcpIpConfig(new TcpIpConfig().setEnabled(true).setMembers(settings.members()));
        AdvancedNetworkConfig network = new AdvancedNetworkConfig();
        network.setEnabled(true);
        network.setMemberEndpointConfig(members);
        network.setJoin(join);
        return network;
    }

    private static Map<String, String> properties(GridSettings settings) {
        String silence = Long.toString(settings.pace().silence().toSeconds());
        String merge = Long.toString(settings.pace().merge().toSeconds());
        return Map.ofEntries(
                Map.entry("hazelcast.phone.home.enabled", "false"),
                Map.entry("hazelcast.logging.type", "slf4j"),
                Map.entry("hazelcast.shutdownhook.enabled", "false"),
                Map.entry("hazelcast.jmx", "false"),
                Map.entry("hazelcast.health.monitoring.level", "OFF"),
                Map.entry("hazelcast.discovery.enabled", "false"),
                Map.entry(
                        "hazelcast.socket.bind.any",
                        Boolean.toString(settings.bind().getAddress().isAnyLocalAddress())),
                Map.entry("hazelcast.wait.seconds.before.join", "1"),
                Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
                Map.entry("hazelcast.max.no.heartbeat.seconds", silence),
                Map.entry("hazelcast.merge.first.run.delay.seconds", merge),
                Map.entry("hazelcast.merge.next.run.delay.seconds", merge),
                Map.entry("hazelcast.operation.call.timeout.millis", "5000"),
                Map.entry("hazelcast.graceful.shutdown.max.wait", "3"),
                Map.entry("hazelcast.operation.thread.count", "2"),
                Map.entry("hazelcast.operation.generic.thread.count", "2"),
                Map.entry("hazelcast.operation.response.thread.count", "1"),
                Map.entry("hazelcast.io.thread.count", "1"),
                Map.entry("hazelcast.event.thread.count", "1"),
                Map.entry("hazelcast.event.queue.capacity", "10000"));
    }
}
