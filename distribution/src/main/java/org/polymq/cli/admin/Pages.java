/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static org.polymq.cli.admin.ApiClient.escape;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Lists that the API answers in pages, put together. */
final class Pages {
    private static final int SIZE = 1_000;

    private Pages() {}

    /**
     * All things of a list.
     *
     * @param query path and parameters, without {@code after} and {@code limit}
     * @param name what the list is called in the answer
     */
    static JsonNode all(ApiClient client, String query, String name) throws IOException {
        String base = query + (query.contains("?") ? "&" : "?") + "limit=" + SIZE;
        ObjectNode whole = JsonNodeFactory.instance.objectNode();
        ArrayNode things = whole.putArray(name);
        String after = "";
        do {
            JsonNode page = client.get(after.isEmpty() ? base : base + "&after=" + escape(after));
            page.path(name).forEach(things::add);
            after = page.path("next").asText("");
        } while (!after.isEmpty());
        return whole;
    }
}
