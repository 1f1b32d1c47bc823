/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.config.ClusterConfig;
import org.polymq.broker.config.GridConfig;
import org.polymq.broker.config.ServerConfig;

/** The Helm chart, rendered by Helm itself. */
class ChartTest {
    private static final Helm CHART = new Helm(Path.of("helm/polymq").toAbsolutePath());
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    @Test
    void passesHelmsOwnChecks() {
        LintResult result = CHART.lint().strict().call();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @Test
    void rendersABrokerThatMayWriteNowhereButToItsData() throws IOException {
        List<JsonNode> objects = render(Map.of("auth.password", "secret-secret"));

        assertThat(objects)
                .extracting(each -> each.path("kind").asText())
                .contains("StatefulSet", "Service", "ConfigMap", "Secret", "ServiceAccount", "PodDisruptionBudget");
        JsonNode set = one(objects, "StatefulSet").path("spec");
        JsonNode pod = set.path("template").path("spec");
        JsonNode container = pod.path("containers").path(0);
        assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
        assertThat(pod.path("securityContext").path("runAsNonRoot").asBoolean()).isTrue();
        assertThat(container
                        .path("securityContext")
                        .path("readOnlyRootFilesystem")
                        .asBoolean())
                .isTrue();
        assertThat(pod.at("/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution"))
                .hasSize(1);
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertThat(container.path(probe).at("/httpGet/path").asText())
                    .as(probe)
                    .startsWith("/health/");
        }
        assertThat(container.path("volumeMounts"))
                .extracting(each -> each.path("mountPath").asText())
                .contains("/var/lib/polymq", "/tmp");
        assertThat(set.path("serviceName").asText()).isEqualTo("shop-brokers");
    }

    @Test
    void writesAConfigurationThatTheServerTakes() throws IOException {
        List<JsonNode> objects = render(
                Map.of("auth.existingSecret", "mine", "config.storage\\.flush", "sync", "config.bind", "127.0.0.1"));

        ServerConfig config = ServerConfig.load(null, Map.of(), sets(config(objects)));

        assertThat(config.shown()).containsEntry("storage.flush", "sync").containsEntry("bind", "0.0.0.0");
        assertThat(objects).noneMatch(each -> each.path("kind").asText().equals("Secret"));
    }

    @Test
    void takesACertificate() throws IOException {
        List<JsonNode> objects =
                render(Map.of("auth.existingSecret", "mine", "tls.existingSecret", "cert", "antiAffinity", "hard"));

        JsonNode pod = one(objects, "StatefulSet").at("/spec/template/spec");
        assertThat(pod.at("/containers/0/livenessProbe/httpGet/scheme").asText())
                .isEqualTo("HTTPS");
        assertThat(pod.at("/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution"))
                .hasSize(1);
        String config =
                one(objects, "ConfigMap").path("data").path("polymq.yaml").asText();
        assertThat(config).contains("tls.certificate: /etc/polymq/tls/tls.crt").doesNotContain("allow-plaintext");
    }

    @Test
    void rendersAGroupWhoseNodesFindEachOther() throws IOException {
        List<JsonNode> objects = render(group(Map.of("group.key", KEY, "group.name", "orders")));

        Map<String, String> written = config(objects);
        Map<String, String> environment = Map.of("POLYMQ_CLUSTER_NODE", "3", "POLYMQ_ADVERTISE", "10.1.2.3");
        ServerConfig config = ServerConfig.load(null, environment, sets(written));
        assertThat(config.shown())
                .containsEntry("broker.name", "orders")
                .containsEntry("cluster.enabled", "true")
                .containsEntry(
                        "cluster.nodes",
                        "1@shop-0.shop-brokers.default.svc:10912,2@shop-1.shop-brokers.default.svc:10912,3@shop-2.shop-brokers.default.svc:10912")
                .containsEntry(
                        "nameserver.addresses",
                        "shop-0.shop-brokers.default.svc:9876,shop-1.shop-brokers.default.svc:9876,shop-2.shop-brokers.default.svc:9876");

        JsonNode set = one(objects, "StatefulSet").path("spec");
        JsonNode container = set.at("/template/spec/containers/0");
        assertThat(set.path("replicas").asInt()).isEqualTo(3);
        assertThat(set.path("podManagementPolicy").asText()).isEqualTo("Parallel");
        assertThat(container.path("env"))
                .extracting(each -> each.path("name").asText())
                .contains("POD_NAME")
                .doesNotContain("POLYMQ_BROKER_NAME");
        assertThat(container.path("ports"))
                .extracting(each -> each.path("containerPort").asInt())
                .contains(10912);
        assertThat(objects)
                .filteredOn(each -> each.path("kind").asText().equals("Service"))
                .filteredOn(each -> each.at("/spec/clusterIP").asText().equals("None"))
                .singleElement()
                .satisfies(headless -> assertThat(headless.at("/spec/ports"))
                        .extracting(each -> each.path("port").asInt())
                        .contains(10912, 9876));
        assertThat(one(objects, "PodDisruptionBudget")
                        .at("/spec/maxUnavailable")
                        .asInt())
                .isEqualTo(1);
        assertThat(one(objects, "Secret").at("/stringData/security.key").asText())
                .isEqualTo(KEY);
        assertThat(one(objects, "NetworkPolicy").at("/spec/ingress")).hasSize(2);
    }

    /** What the container of a group runs, with the shell of this machine and a server that only says what it got. */
    @Test
    void numbersTheNodesOfAGroupAndGivesThemTheKey(@TempDir Path directory) throws Exception {
        List<JsonNode> objects = render(group(Map.of("group.existingSecret", "key")));
        String script = one(objects, "StatefulSet")
                .at("/spec/template/spec/containers/0/args/0")
                .asText();
        Path key = Files.writeString(directory.resolve("secret.key"), "key of all\n");
        Path data = Files.createDirectory(directory.resolve("data"));
        Path server = Files.writeString(directory.resolve("polymq"), "echo $POLYMQ_CLUSTER_NODE $*");
        String here = script.replace("/etc/polymq/group/security.key", key.toString())
                .replace("/var/lib/polymq", data.toString())
                .replace("/opt/polymq/bin/polymq", server.toString());
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", here).redirectErrorStream(true);
        shell.environment().put("POD_NAME", "shop-2");

        Process process = shell.start();
        String said;
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("the script ends")
                    .isTrue();
            said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroyForcibly();
        }

        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).isEqualToIgnoringNewLines("3 start --config /etc/polymq/polymq.yaml");
        assertThat(data.resolve("security.key")).hasSameTextualContentAs(key);
        assertThat(Files.getPosixFilePermissions(data.resolve("security.key")))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void leavesABrokerTimeToStop() throws IOException {
        List<JsonNode> objects = render(group(Map.of("group.existingSecret", "key")));

        JsonNode pod = one(objects, "StatefulSet").at("/spec/template/spec");
        int pause = pod.at("/containers/0/lifecycle/preStop/exec/command/1").asInt();
        assertThat(pause).isPositive();
        long drain = Duration.parse("PT"
                        + ServerConfig.load(null, Map.of(), sets(config(objects)))
                                .shown()
                                .get("cluster.drain"))
                .toSeconds();
        assertThat(drain).isPositive();
        // 20 s: goodbye to the connections, and a snapshot.
        assertThat(pod.path("terminationGracePeriodSeconds").asLong()).isGreaterThanOrEqualTo(pause + drain + 20);
    }

    @Test
    void encryptsWhatGoesBetweenTheNodes() throws IOException {
        List<JsonNode> objects = render(group(Map.of(
                "group.existingSecret", "key", "tls.existingSecret", "cert", "group.tls.existingSecret", "node-cert")));

        assertThat(config(objects))
                .containsEntry("cluster.tls-certificate", "/etc/polymq/group-tls/tls.crt")
                .containsEntry("cluster.tls-key", "/etc/polymq/group-tls/tls.key")
                .containsEntry("cluster.tls-ca", "/etc/polymq/group-tls/ca.crt")
                .doesNotContainKey("security.allow-plaintext");
        assertThat(one(objects, "StatefulSet").at("/spec/template/spec/volumes"))
                .extracting(each -> each.at("/secret/secretName").asText())
                .contains("mine", "key", "cert", "node-cert");
        assertThat(objects).noneMatch(each -> each.path("kind").asText().equals("Secret"));
    }

    @Test
    void rendersSeveralGroupsAndGatewaysForThem() throws IOException {
        List<JsonNode> objects = render(gateways(Map.of("group.existingSecret", "key", "podLabels.team", "a")));

        Map<String, String> environment = Map.of("POLYMQ_CLUSTER_NODE", "2", "POLYMQ_ADVERTISE", "10.1.2.3");
        Map<String, String> node = config(objects, "shop");
        Map<String, String> gateway = config(objects, "shop-gateway");
        ServerConfig config = ServerConfig.load(null, environment, sets(node));
        assertThat(config.cluster().groups()).containsExactly("a", "b", "c");
        ServerConfig its = ServerConfig.load(null, Map.of("POLYMQ_ADVERTISE", "10.1.2.4"), sets(gateway));
        assertThat(its.cluster().role()).isEqualTo(ClusterConfig.Role.GATEWAY);
        assertThat(its.cluster().nodes()).isEqualTo(config.cluster().nodes());
        assertThat(its.cluster().groups()).isEqualTo(config.cluster().groups());
        assertThat(its.grid().use()).isEqualTo(GridConfig.Use.PRIVATE);
        assertThat(gateway).doesNotContainKeys("data", "security.admin-password-file", "nameserver.addresses");

        assertThat(ports(one(objects, "StatefulSet").at("/spec/template/spec/containers/0/ports"), "containerPort"))
                .contains(Map.entry("native", config.remoting().port()))
                .contains(Map.entry("native-2", config.ofGroup(2).remoting().port()))
                .contains(Map.entry("vip-2", config.ofGroup(2).remoting().vipPort()))
                .contains(Map.entry("dashboard-2", config.ofGroup(2).dashboard().port()))
                .contains(
                        Map.entry("group-2", config.ofGroup(2).cluster().self().port()))
                .contains(Map.entry("grid", config.grid().port()));

        JsonNode deployment = one(objects, "Deployment").path("spec");
        JsonNode pod = deployment.at("/template/spec");
        assertThat(deployment.path("replicas").asInt()).isEqualTo(2);
        assertThat(deployment.at("/template/metadata/labels/team").asText()).isEqualTo("a");
        assertThat(pod.at("/containers/0/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
        assertThat(pod.at("/containers/0/securityContext/readOnlyRootFilesystem")
                        .asBoolean())
                .isTrue();
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(ports(named(objects, "Service", "shop-gateway").at("/spec/ports"), "port"))
                .isEqualTo(Map.of("native", 10911, "mqtt", 1883, "websocket", 8083));
    }

    @Test
    void keepsBrokersAndGatewaysApart() throws IOException {
        List<JsonNode> objects = render(gateways(Map.of("group.existingSecret", "key")));

        JsonNode brokers = one(objects, "StatefulSet").at("/spec/selector/matchLabels");
        JsonNode gateways = one(objects, "Deployment").at("/spec/selector/matchLabels");
        assertThat(gateways).isNotEqualTo(brokers);
        assertThat(one(objects, "StatefulSet").at("/spec/template/metadata/labels/app.kubernetes.io~1name"))
                .isEqualTo(brokers.path("app.kubernetes.io/name"));
        assertThat(one(objects, "Deployment").at("/spec/template/metadata/labels/app.kubernetes.io~1name"))
                .isEqualTo(gateways.path("app.kubernetes.io/name"));
        for (String name : List.of("shop", "shop-brokers")) {
            assertThat(named(objects, "Service", name).at("/spec/selector"))
                    .as(name)
                    .isEqualTo(brokers);
        }
        assertThat(named(objects, "Service", "shop-gateway").at("/spec/selector"))
                .isEqualTo(gateways);
        for (String kind : List.of("PodDisruptionBudget", "NetworkPolicy")) {
            String selector = kind.equals("NetworkPolicy") ? "/spec/podSelector" : "/spec/selector";
            assertThat(named(objects, kind, "shop").at(selector + "/matchLabels"))
                    .as(kind)
                    .isEqualTo(brokers);
            assertThat(named(objects, kind, "shop-gateway").at(selector + "/matchLabels"))
                    .as(kind)
                    .isEqualTo(gateways);
        }
        // The inner ports are open to both, and to nobody else.
        for (String policy : List.of("shop", "shop-gateway")) {
            assertThat(named(objects, "NetworkPolicy", policy).at("/spec/ingress/1/from"))
                    .as(policy)
                    .extracting(each -> each.at("/podSelector/matchLabels"))
                    .containsExactly(brokers, gateways);
        }
        assertThat(named(objects, "NetworkPolicy", "shop-gateway").at("/spec/ingress/1/ports"))
                .extracting(each -> each.path("port").asText())
                .containsExactly("grid");
    }

    @Test
    void givesGatewaysTheCertificates() throws IOException {
        List<JsonNode> objects = render(gateways(Map.of(
                "group.existingSecret", "key", "tls.existingSecret", "cert", "group.tls.existingSecret", "node-cert")));

        assertThat(config(objects, "shop-gateway"))
                .containsEntry("tls.certificate", "/etc/polymq/tls/tls.crt")
                .containsEntry("cluster.tls-ca", "/etc/polymq/group-tls/ca.crt")
                .doesNotContainKey("security.allow-plaintext");
        assertThat(one(objects, "Deployment").at("/spec/template/spec/volumes"))
                .extracting(each -> each.at("/secret/secretName").asText())
                .contains("cert", "node-cert")
                .doesNotContain("mine", "key");
        assertThat(ports(named(objects, "Service", "shop-gateway").at("/spec/ports"), "port"))
                .containsEntry("mqtt-tls", 8883);
    }

    @Test
    void refusesGatewaysWithoutGroups() {
        assertThatThrownBy(() -> render(Map.of("auth.existingSecret", "mine", "gateway.enabled", "true")))
                .hasMessageContaining("set group.enabled and group.names");
        assertThatThrownBy(() -> render(group(Map.of("group.existingSecret", "key", "gateway.enabled", "true"))))
                .hasMessageContaining("set group.enabled and group.names");
        assertThatThrownBy(() -> render(gateways(Map.of("group.existingSecret", "key", "group.name", "orders"))))
                .hasMessageContaining("leave group.name out");
        assertThatThrownBy(() -> render(gateways(Map.of(
                        "group.existingSecret",
                        "key",
                        "group.networkPolicy",
                        "false",
                        "tls.existingSecret",
                        "cert",
                        "group.tls.existingSecret",
                        "node-cert"))))
                .hasMessageContaining("cluster.grid");
    }

    /** The check of all that is rendered finds what Helm lets through. */
    @Test
    void findsFieldsThatKubernetesDoesNotHave() throws IOException {
        JsonNode set = one(render(Map.of("auth.existingSecret", "mine")), "StatefulSet");

        ObjectNode misspelt = set.deepCopy();
        ((ObjectNode) misspelt.at("/spec/template/spec")).put("hostname_", "x");
        assertThatThrownBy(() -> KubernetesTypes.check(misspelt)).hasMessageContaining("hostname_");

        ObjectNode ofAnotherType = set.deepCopy();
        ((ObjectNode) ofAnotherType.at("/spec/template/metadata/annotations")).put("number", 8080);
        assertThatThrownBy(() -> KubernetesTypes.check(ofAnotherType)).hasMessageContaining("number");

        ObjectNode lacking = set.deepCopy();
        ((ObjectNode) lacking.path("spec")).remove("selector");
        assertThatThrownBy(() -> KubernetesTypes.check(lacking)).hasMessageContaining("selector");
    }

    @Test
    void refusesAGroupThatWouldNotStart() {
        assertThatThrownBy(() -> render(group(Map.of("group.existingSecret", "key", "replicas", "2"))))
                .hasMessageContaining("1, 3 or 5");
        assertThatThrownBy(() -> render(group(Map.of("group.existingSecret", "key", "tls.existingSecret", "cert"))))
                .hasMessageContaining("group.tls.existingSecret");
        assertThatThrownBy(() -> render(group(Map.of()))).hasMessageContaining("set group.existingSecret");
    }

    @Test
    void refusesWhatItDoesNotKnowAndWantsAPassword() {
        assertThatThrownBy(() -> render(Map.of("auth.password", "secret-secret", "replica", "3")))
                .hasMessageContaining("replica");
        assertThatThrownBy(() -> render(Map.of("auth.password", "short"))).hasMessageContaining("password");
        assertThatThrownBy(() -> render(Map.of())).hasMessageContaining("set auth.existingSecret");
    }

    /** Values of a group of three, with these besides. */
    private static Map<String, String> group(Map<String, String> values) {
        Map<String, String> all =
                new LinkedHashMap<>(Map.of("auth.existingSecret", "mine", "group.enabled", "true", "replicas", "3"));
        all.putAll(values);
        return all;
    }

    /** Values of three groups on three brokers with gateways, with these besides. */
    private static Map<String, String> gateways(Map<String, String> values) {
        Map<String, String> all = group(
                Map.of("group.names[0]", "a", "group.names[1]", "b", "group.names[2]", "c", "gateway.enabled", "true"));
        all.putAll(values);
        return all;
    }

    private static List<JsonNode> render(Map<String, String> values) throws IOException {
        TemplateCommand template = CHART.template().withName("shop").withNamespace("default");
        values.forEach(template::set);
        List<JsonNode> objects = new ArrayList<>();
        try (var parsed = YAML.readerFor(JsonNode.class).<JsonNode>readValues(template.call())) {
            parsed.forEachRemaining(objects::add);
        }
        for (JsonNode each : objects) {
            KubernetesTypes.check(each);
        }
        return objects;
    }

    private static Map<String, String> config(List<JsonNode> objects) throws IOException {
        return config(objects, "shop");
    }

    private static Map<String, String> config(List<JsonNode> objects, String name) throws IOException {
        Map<String, String> config = new LinkedHashMap<>();
        YAML.readTree(named(objects, "ConfigMap", name)
                        .path("data")
                        .path("polymq.yaml")
                        .asText())
                .properties()
                .forEach(each -> config.put(each.getKey(), each.getValue().asText()));
        return config;
    }

    private static List<String> sets(Map<String, String> config) {
        return config.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .toList();
    }

    private static JsonNode one(List<JsonNode> objects, String kind) {
        List<JsonNode> found = objects.stream()
                .filter(each -> each.path("kind").asText().equals(kind))
                .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.get(0);
    }

    private static JsonNode named(List<JsonNode> objects, String kind, String name) {
        return one(
                objects.stream()
                        .filter(each -> each.at("/metadata/name").asText().equals(name))
                        .toList(),
                kind);
    }

    private static Map<String, Integer> ports(JsonNode ports, String number) {
        Map<String, Integer> all = new LinkedHashMap<>();
        ports.forEach(
                each -> all.put(each.path("name").asText(), each.path(number).asInt()));
        return all;
    }
}
