/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clusters of several groups: their keys, and what is derived of them for each group. */
class ClusterGroupsTest {
    private static final String NODES = "cluster.nodes=1@n1:7000,2@n2,3@n3:7100";

    private static ServerConfig load(String... sets) {
        List<String> all = new ArrayList<>(List.of("cluster.enabled=true", "cluster.node=2", NODES));
        all.addAll(List.of(sets));
        return ServerConfig.load(null, Map.of(), all);
    }

    @Test
    void givesEachGroupItsNameItsDirectoryAndItsPorts() {
        ServerConfig config =
                load("cluster.groups=a, b,c", "data=/d", "native.port=2000", "dashboard.port=0", "storage.flush=sync");

        ServerConfig third = config.ofGroup(2);

        assertThat(third.brokerName()).isEqualTo("c");
        assertThat(third.clusterName()).isEqualTo(config.clusterName());
        assertThat(third.storage().directory()).isEqualTo(Path.of("/d/groups/c"));
        assertThat(third.storage().backupDirectory()).isEqualTo(Path.of("/d/groups/c/backups"));
        assertThat(third.storage().flush()).isEqualTo(config.storage().flush());
        assertThat(third.remoting().port()).isEqualTo(2020);
        assertThat(third.dashboard().port()).isZero();
        assertThat(third.cluster().nodes())
                .map(Object::toString)
                .containsExactly("1@n1:7020", "2@n2:10932", "3@n3:7120");
        assertThat(third.cluster().self()).hasToString("2@n2:10932");
        assertThat(third.cluster().groups()).containsExactly("a", "b", "c");
        assertThat(config.ofGroup(0).remoting().port()).isEqualTo(2000);
        assertThat(config.ofGroup(0).cluster().nodes())
                .isEqualTo(config.cluster().nodes());
    }

    @Test
    void keepsOneKeyOfSecretsForAllGroupsAndWritesNothingElseOfTwoGroupsInOnePlace() {
        ServerConfig given = load(
                "cluster.groups=a,b",
                "data=/d",
                "storage.backup-directory=/backups",
                "security.audit-directory=/audit");

        assertThat(given.ofGroup(1).security().keyFile()).isEqualTo(Path.of("/d/security.key"));
        assertThat(given.ofGroup(1).storage().backupDirectory()).isEqualTo(Path.of("/backups/b"));
        assertThat(given.ofGroup(1).security().auditDirectory()).isEqualTo(Path.of("/audit/b"));
        assertThat(load("cluster.groups=a,b", "data=/d").ofGroup(1).security().auditDirectory())
                .isEqualTo(Path.of("/d/groups/b/audit"));
    }

    @Test
    void saysOfEachValueWhereItComesFrom() {
        ServerConfig second = load("cluster.groups=a,b", "storage.flush=sync").ofGroup(1);

        assertThat(second.sources())
                .containsEntry("native.port", "group b of cluster.groups")
                .containsEntry("storage.flush", "--set storage.flush=sync")
                .containsEntry("mqtt.port", "default");
        assertThat(second.with(Map.of("log.level", "debug")).remoting().port())
                .isEqualTo(second.remoting().port());
    }

    @Test
    void aGatewayIsNoneOfTheNodes() {
        ServerConfig gateway = load("cluster.role=gateway", "cluster.groups=a,b", "cluster.node=9");

        assertThat(gateway.cluster().role()).isEqualTo(ClusterConfig.Role.GATEWAY);
        assertThat(load("cluster.groups=a").cluster().role()).isEqualTo(ClusterConfig.Role.NODE);
        assertThat(load().cluster().groups()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cluster.groups=a,b,A                                | cluster.groups names A twice",
                "cluster.groups=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 | names 17 groups; a cluster has at most 16",
                "cluster.groups=a,b/c                                | names of 1 to 64 letters, digits, - or _",
                "cluster.groups=a broker.name=x                      | broker.name is x, but the groups are named by",
                "cluster.role=gateway                                | name the groups that it serves in cluster.groups",
                "cluster.role=gateway cluster.groups=a cluster.nodes= | where their nodes are in cluster.nodes",
                "cluster.groups=a cluster.node=4                     | cluster.node is 4, but cluster.nodes",
            })
    void refusesWhatCannotBe(String sets, String message) {
        assertThatThrownBy(() -> load(sets.strip().split(" ", -1)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesPortsThatThereAreNot() {
        ServerConfig config = load("cluster.groups=a,b", "native.port=65530");

        assertThatThrownBy(() -> config.ofGroup(1))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("that of slot 1 would be 65540, counted from 65530");
        assertThatThrownBy(() -> config.ofGroup(2)).isInstanceOf(IllegalArgumentException.class);
    }
}
