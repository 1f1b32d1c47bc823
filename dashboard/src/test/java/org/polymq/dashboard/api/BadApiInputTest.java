/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every field and parameter that the API's document names, given what it cannot be. */
class BadApiInputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Names of things that are there, so that it is the body that is refused. */
    private static final Map<String, String> THERE = Map.of(
            "{topic}",
            "t",
            "{group}",
            "g",
            "{user}",
            "admin",
            "{role}",
            "r",
            "{key}",
            "log.level",
            "{queue}",
            "%25DLQ%25g");

    private ApiServer api;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        api = new ApiServer(directory);
        api.ok("POST", "topics", "{\"name\":\"t\"}");
        api.ok("POST", "topics", "{\"name\":\"%DLQ%g\",\"kind\":\"queue\"}");
        api.ok("POST", "groups", "{\"name\":\"g\"}");
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void refusesEveryFieldOfAWrongType() throws Exception {
        int tried = 0;
        for (Route route : api.routes()) {
            if (route.takes() == null) {
                continue;
            }
            for (Map.Entry<String, JsonNode> field : properties(route)) {
                for (String wrong : wrong(field.getValue())) {
                    ObjectNode body = JSON.createObjectNode();
                    body.set(field.getKey(), JSON.readTree(wrong));
                    assertRefused(route, path(route), body.toString());
                    tried++;
                }
            }
            for (String body : List.of("[]", "7", "null", "{", "\"text\"", "{\"nobody\":1}", "{} {}")) {
                assertRefused(route, path(route), body);
            }
        }
        assertThat(tried).isGreaterThan(60);
    }

    @Test
    void refusesEveryNumberThatIsNone() throws Exception {
        int tried = 0;
        for (Route route : api.routes()) {
            for (Route.Parameter parameter : route.parameters()) {
                if (parameter.type().equals("string")) {
                    continue;
                }
                for (String wrong : List.of("x", "-1", "1e3", "99999999999999999999", "%00", "0x10")) {
                    assertRefused(route, path(route) + "?" + parameter.name() + "=" + wrong, null);
                    tried++;
                }
            }
        }
        assertThat(tried).isGreaterThan(60);
    }

    @Test
    void refusesPagesThatAreTooLarge() throws Exception {
        for (Route route : api.routes()) {
            if (route.gives().paged()) {
                assertRefused(route, path(route) + "?limit=1001", null);
                assertRefused(route, path(route) + "?limit=0", null);
            }
        }
    }

    @Test
    void refusesPathsThatAreNone() throws Exception {
        for (String path :
                List.of("topics/%zz", "messages/x", "messages/-1", "delayed/1", "subscriptions/box/a/b/purge")) {
            String method = path.startsWith("delayed") ? "DELETE" : path.endsWith("purge") ? "POST" : "GET";
            HttpResponse<String> answer = api.send(method, path.replace("%zz", "%25zz"), null);
            assertThat(answer.statusCode()).as(path + ": " + answer.body()).isBetween(400, 404);
        }
    }

    /** A refusal tells what is wrong, and is never the server's own failure. */
    private void assertRefused(Route route, String path, @Nullable String body) throws Exception {
        HttpResponse<String> answer = api.send(route.method().name(), path, body);
        assertThat(answer.statusCode())
                .as(route.name() + " " + path + " " + body + ": " + answer.body())
                .isBetween(400, 409);
        assertThat(JSON.readTree(answer.body()).path("message").asText())
                .as(route.name() + " " + path + " " + body)
                .isNotBlank();
    }

    private static String path(Route route) {
        String path = route.path();
        for (Map.Entry<String, String> place : THERE.entrySet()) {
            path = path.replace(place.getKey(), place.getValue());
        }
        return path.replaceAll("\\{[^}]+}", "1");
    }

    private Iterable<Map.Entry<String, JsonNode>> properties(Route route) {
        String name = api.document()
                .path("paths")
                .path("/" + route.path())
                .path(route.method().name().toLowerCase(Locale.ROOT))
                .path("requestBody")
                .path("content")
                .path("application/json")
                .path("schema")
                .path("$ref")
                .asText()
                .replace("#/components/schemas/", "");
        JsonNode properties =
                api.document().path("components").path("schemas").path(name).path("properties");
        assertThat(properties.size()).as(route.name()).isPositive();
        return properties.properties();
    }

    /** Values of other types. A number or truth value for a text is one too: nothing is guessed. */
    private static List<String> wrong(JsonNode schema) {
        List<String> wrong = new ArrayList<>(List.of("{\"a\":[]}", "[[1]]"));
        switch (schema.path("type").asText()) {
            case "integer" -> wrong.addAll(List.of("\"many\"", "1.5", "1e400", "99999999999999999999", "true"));
            case "boolean" -> wrong.addAll(List.of("\"maybe\"", "2"));
            case "array" -> wrong.addAll(List.of("\"one\"", "7", "true"));
            case "object" -> wrong.addAll(List.of("\"one\"", "7", "true"));
            default -> {
                // Numbers and truth values are taken as the texts that they are written as.
            }
        }
        return wrong;
    }
}
