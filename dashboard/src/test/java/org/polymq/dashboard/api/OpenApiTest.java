/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenApiTest {
    private ApiServer api;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        api = new ApiServer(directory);
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void isServedAndHasEveryRoute() throws Exception {
        JsonNode served = api.get("openapi.json");
        assertThat(served).isEqualTo(api.document());
        assertThat(served.path("openapi").asText()).isEqualTo("3.1.0");

        Set<String> described = new TreeSet<>();
        served.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(method -> described.add(method + " " + path.getKey())));
        Set<String> real = new TreeSet<>(Set.of("get /live"));
        for (Route route : api.routes()) {
            real.add(route.method().name().toLowerCase(Locale.ROOT) + " /" + route.path());
        }
        assertThat(described).isEqualTo(real);
    }

    @Test
    void describesEachOperationInWords() {
        Set<String> ids = new HashSet<>();
        api.document()
                .path("paths")
                .forEach(path -> path.forEach(operation -> {
                    assertThat(ids.add(operation.path("operationId").asText()))
                            .as(operation.toString())
                            .isTrue();
                    assertThat(operation.path("summary").asText())
                            .as(operation.path("operationId").asText())
                            .contains(" ")
                            .endsWith(".");
                    operation
                            .path("parameters")
                            .forEach(parameter -> assertThat(
                                            parameter.path("in").asText().equals("path")
                                                    || !parameter
                                                            .path("description")
                                                            .asText()
                                                            .isBlank())
                                    .as(operation.path("operationId").asText())
                                    .isTrue());
                }));
    }

    @Test
    void pointsOnlyAtSchemasThatAreThere() {
        JsonNode schemas = api.document().path("components").path("schemas");
        api.document()
                .findValuesAsText("$ref")
                .forEach(reference -> assertThat(schemas.has(reference.replace("#/components/schemas/", "")))
                        .as(reference)
                        .isTrue());
    }

    /** Each list is asked, and its answer held against the document. */
    @Test
    void answersAsItSays() throws Exception {
        api.ok("POST", "topics", "{\"name\":\"t\"}");
        api.ok("POST", "groups", "{\"name\":\"g\"}");
        api.ok("POST", "messages", "{\"topic\":\"t/a\",\"body\":\"x\",\"retain\":true}");
        api.ok("POST", "messages", "{\"topic\":\"t/a\",\"body\":\"x\",\"delay\":\"1h\"}");
        for (Route route : api.routes()) {
            boolean needsMore =
                    route.path().contains("{") || Set.of("messages", "check").contains(route.path());
            if (!route.changes() && !needsMore && !route.gives().events()) {
                api.get(route.path());
            }
        }
    }

    @Test
    void refusesParametersAndBodiesThatItDoesNotDescribe() throws Exception {
        assertThat(api.refused("GET", "topics?colour=red", null)).isEqualTo("400 INVALID_REQUEST");
        assertThat(api.refused("DELETE", "topics/t", "{\"force\":true}")).isEqualTo("400 INVALID_REQUEST");
    }
}
