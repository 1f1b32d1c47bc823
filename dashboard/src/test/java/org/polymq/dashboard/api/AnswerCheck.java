/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;

/** Holds answers against the OpenAPI document: types, what has to be there, and nothing that is not described. */
record AnswerCheck(JsonNode document) {
    void check(Route route, JsonNode answer) {
        JsonNode schema = document.path("paths")
                .path("/" + route.path())
                .path(route.method().name().toLowerCase(Locale.ROOT))
                .path("responses")
                .path("200")
                .path("content")
                .path("application/json")
                .path("schema");
        assertThat(schema.isMissingNode()).as(route.name() + " is described").isFalse();
        check(schema, answer, route.name());
    }

    private void check(JsonNode described, JsonNode value, String where) {
        JsonNode schema = described;
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asText().replace("#/components/schemas/", "");
            schema = document.path("components").path("schemas").path(name);
            assertThat(schema.isMissingNode()).as(where + ": " + name).isFalse();
        }
        String type = schema.path("type").asText();
        switch (type) {
            case "string" ->
                assertThat(value.isTextual()).as(where + " is " + value).isTrue();
            case "boolean" ->
                assertThat(value.isBoolean()).as(where + " is " + value).isTrue();
            case "integer" ->
                assertThat(value.isIntegralNumber()).as(where + " is " + value).isTrue();
            case "number" ->
                assertThat(value.isNumber()).as(where + " is " + value).isTrue();
            case "array" -> {
                assertThat(value.isArray()).as(where + " is " + value).isTrue();
                JsonNode items = schema.path("items");
                value.forEach(item -> check(items, item, where + "[]"));
            }
            case "object" -> checkObject(schema, value, where);
            default ->
                assertThat(schema.properties()).as(where + " is of any type").isEmpty();
        }
    }

    private void checkObject(JsonNode schema, JsonNode value, String where) {
        assertThat(value.isObject()).as(where + " is " + value).isTrue();
        schema.path("required")
                .forEach(name -> assertThat(value.has(name.asText()))
                        .as(where + "." + name.asText())
                        .isTrue());
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode described = schema.has("additionalProperties")
                    ? schema.path("additionalProperties")
                    : schema.path("properties").path(field.getKey());
            assertThat(described.isMissingNode())
                    .as(where + "." + field.getKey() + " is described")
                    .isFalse();
            check(described, field.getValue(), where + "." + field.getKey());
        }
    }
}
