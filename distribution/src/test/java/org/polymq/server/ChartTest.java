/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.polymq.broker.config.ServerConfig;

/** The Helm chart, rendered by Helm itself. */
class ChartTest {
    private static final Helm CHART = new Helm(Path.of("helm/polymq").toAbsolutePath());
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

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

        JsonNode file = YAML.readTree(
                one(objects, "ConfigMap").path("data").path("polymq.yaml").asText());
        List<String> sets = new ArrayList<>();
        file.properties()
                .forEach(each -> sets.add(each.getKey() + "=" + each.getValue().asText()));
        ServerConfig config = ServerConfig.load(null, Map.of(), sets);

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
    void refusesWhatItDoesNotKnowAndWantsAPassword() {
        assertThatThrownBy(() -> render(Map.of("auth.password", "secret-secret", "replica", "3")))
                .hasMessageContaining("replica");
        assertThatThrownBy(() -> render(Map.of("auth.password", "short"))).hasMessageContaining("password");
        assertThatThrownBy(() -> render(Map.of())).hasMessageContaining("set auth.existingSecret");
    }

    private static List<JsonNode> render(Map<String, String> values) throws IOException {
        TemplateCommand template = CHART.template().withName("shop");
        values.forEach(template::set);
        List<JsonNode> objects = new ArrayList<>();
        try (var parsed = YAML.readerFor(JsonNode.class).<JsonNode>readValues(template.call())) {
            parsed.forEachRemaining(objects::add);
        }
        return objects;
    }

    private static JsonNode one(List<JsonNode> objects, String kind) {
        List<JsonNode> found = objects.stream()
                .filter(each -> each.path("kind").asText().equals(kind))
                .toList();
        assertThat(found).as(kind).hasSize(1);
        return found.get(0);
    }
}
