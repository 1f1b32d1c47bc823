/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.util.Map;

/** Checks objects against the types that Kubernetes publishes, as strictly as its API server. */
final class KubernetesTypes {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<String, Class<?>> TYPES = Map.of(
            "apps/v1 StatefulSet", V1StatefulSet.class,
            "apps/v1 Deployment", V1Deployment.class,
            "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy.class,
            "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget.class,
            "v1 ConfigMap", V1ConfigMap.class,
            "v1 Secret", V1Secret.class,
            "v1 Service", V1Service.class,
            "v1 ServiceAccount", V1ServiceAccount.class);

    private KubernetesTypes() {}

    /**
     * That an object says what it seems to say: read as its type and written again it is the same, so no field is
     * unknown and no value of another type than its field's. A field that has to be there and is not is refused when it
     * is read.
     */
    static void check(JsonNode object) throws IOException {
        String kind =
                object.path("apiVersion").asText() + " " + object.path("kind").asText();
        assertThat(TYPES).containsKey(kind);
        Object read = JSON.deserialize(object.toString(), TYPES.get(kind));
        JsonNode written = MAPPER.readTree(JSON.serialize(read));
        removeDefaults(written, object);
        assertThat(written).as(kind).isEqualTo(object);
    }

    /** What is not given is an empty list or map to the types. */
    private static void removeDefaults(JsonNode written, JsonNode given) {
        if (written instanceof ObjectNode fields) {
            given.properties().forEach(each -> removeDefaults(fields.path(each.getKey()), each.getValue()));
            fields.properties()
                    .removeIf(each -> each.getValue().isContainerNode()
                            && each.getValue().isEmpty()
                            && !given.has(each.getKey()));
        } else if (written.isArray()) {
            for (int i = 0; i < written.size(); i++) {
                removeDefaults(written.path(i), given.path(i));
            }
        }
    }
}
