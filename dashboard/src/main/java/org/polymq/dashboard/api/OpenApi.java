/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The OpenAPI 3.1 document of a list of routes, made from the routes themselves and the records that travel. */
final class OpenApi {
    private static final Pattern PLACE = Pattern.compile("\\{([^}]+)}");

    private final Map<String, Object> schemas = new TreeMap<>();
    private final Map<String, Object> paths = new TreeMap<>();

    private OpenApi() {}

    /** The document, as what becomes JSON. */
    static Map<String, Object> of(List<Route> routes) {
        OpenApi api = new OpenApi();
        routes.forEach(api::add);
        api.addLive();
        return api.document();
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put(
                "info",
                Map.of(
                        "title",
                        "PolyMQ admin API",
                        "version",
                        "1",
                        "description",
                        "Times are ISO 8601 in UTC, durations are written 90s, 72h or 7d; a number that is not known is"
                                + " left out."));
        document.put("servers", List.of(Map.of("url", "/api/v1")));
        document.put("paths", paths);
        schemas.put("Error", error());
        document.put(
                "components",
                Map.of(
                        "schemas",
                        schemas,
                        "securitySchemes",
                        Map.of(
                                "basic", Map.of("type", "http", "scheme", "basic"),
                                "token", Map.of("type", "http", "scheme", "bearer"))));
        document.put("security", List.of(Map.of("token", List.of()), Map.of("basic", List.of()), Map.of()));
        return document;
    }

    private static Map<String, Object> error() {
        return object(
                Map.of("code", Map.of("type", "string"), "message", Map.of("type", "string")),
                List.of("code", "message"));
    }

    @SuppressWarnings("unchecked") // the values of paths are maps, see addOperation
    private void addOperation(String path, String method, Map<String, Object> operation) {
        ((Map<String, Object>) paths.computeIfAbsent("/" + path, fresh -> new TreeMap<String, Object>()))
                .put(method, operation);
    }

    private void add(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", route.name().replace(' ', '-'));
        operation.put("summary", route.summary());
        operation.put("tags", List.of(route.path().split("/", -1)[0]));
        List<Object> parameters = new ArrayList<>();
        Matcher places = PLACE.matcher(route.path());
        while (places.find()) {
            parameters.add(Map.of(
                    "name", places.group(1), "in", "path", "required", true, "schema", Map.of("type", "string")));
        }
        for (Route.Parameter parameter : route.parameters()) {
            parameters.add(Map.of(
                    "name",
                    parameter.name(),
                    "in",
                    "query",
                    "description",
                    parameter.meaning(),
                    "schema",
                    Map.of("type", parameter.type())));
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        if (route.takes() != null) {
            operation.put(
                    "requestBody", Map.of("required", true, "content", json(schema(route.takes(), route.takes()))));
        }
        Map<String, Object> answer = answer(route.gives());
        operation.put(
                "responses",
                responses(
                        route.gives().events() ? Map.of("text/event-stream", Map.of("schema", answer)) : json(answer)));
        addOperation(route.path(), route.method().name().toLowerCase(Locale.ROOT), operation);
    }

    /** The one operation that is not answered once: see {@code LiveStream}. */
    private void addLive() {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", "live");
        operation.put("summary", "The overview every two seconds. Needs SUB on the cluster.");
        operation.put("tags", List.of("overview"));
        operation.put("responses", responses(Map.of("text/event-stream", Map.of("schema", Map.of("type", "string")))));
        addOperation("live", "get", operation);
    }

    private static Map<String, Object> responses(Map<String, Object> content) {
        return Map.of(
                "200",
                Map.of("description", "done", "content", content),
                "default",
                Map.of("description", "refused", "content", json(Map.of("$ref", "#/components/schemas/Error"))));
    }

    private static Map<String, Object> json(Map<String, Object> schema) {
        return Map.of("application/json", Map.of("schema", schema));
    }

    private Map<String, Object> answer(Route.Shape shape) {
        Map<String, Object> type = schema(shape.type(), shape.type());
        if (shape.list() == null) {
            return type;
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(shape.list(), Map.of("type", "array", "items", type));
        if (shape.paged()) {
            properties.put("next", Map.of("type", "string"));
        }
        return object(properties, List.of(shape.list()));
    }

    private static Map<String, Object> object(Map<String, Object> properties, List<String> required) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", properties);
        if (!required.isEmpty()) {
            object.put("required", required);
        }
        return object;
    }

    private Map<String, Object> schema(Class<?> type, Type generic) {
        if (type == String.class) {
            return Map.of("type", "string");
        }
        if (type == boolean.class || type == Boolean.class) {
            return Map.of("type", "boolean");
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return Map.of("type", "integer");
        }
        if (type == double.class || type == Double.class) {
            return Map.of("type", "number");
        }
        if (Collection.class.isAssignableFrom(type)) {
            return Map.of("type", "array", "items", argument(generic, 0));
        }
        if (Map.class.isAssignableFrom(type)) {
            return Map.of("type", "object", "additionalProperties", argument(generic, 1));
        }
        if (type.isRecord()) {
            String name = name(type);
            if (!schemas.containsKey(name)) {
                schemas.put(name, Map.of());
                schemas.put(name, record(type));
            }
            return Map.of("$ref", "#/components/schemas/" + name);
        }
        return Map.of();
    }

    private Map<String, Object> argument(Type generic, int index) {
        Type argument = generic instanceof ParameterizedType parameters
                ? parameters.getActualTypeArguments()[index]
                : Object.class;
        Class<?> raw = argument instanceof ParameterizedType nested
                ? (Class<?>) nested.getRawType()
                : argument instanceof Class<?> plain ? plain : Object.class;
        return schema(raw, argument);
    }

    private Map<String, Object> record(Class<?> type) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            properties.put(component.getName(), schema(component.getType(), component.getGenericType()));
            AnnotatedType annotated = component.getAnnotatedType();
            if (!annotated.isAnnotationPresent(Nullable.class)) {
                required.add(component.getName());
            }
        }
        return object(properties, required);
    }

    /** {@code GroupRoutes.Row} is GroupRow. */
    private static String name(Class<?> type) {
        Class<?> around = type.getEnclosingClass();
        String prefix = around == null || !around.getSimpleName().endsWith("Routes")
                ? ""
                : around.getSimpleName().replace("Routes", "");
        String own = type.getSimpleName();
        return own.startsWith(prefix) ? own : prefix + own;
    }
}
