/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import io.netty.handler.codec.http.HttpMethod;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.polymq.broker.Reply;

/**
 * One operation of the API.
 *
 * @param method GET never changes anything
 * @param path below {@code /api/v1/}, such as {@code users/{name}}
 * @param name what the audit log calls it, such as {@code user change}
 * @param handler checks permissions and answers
 */
public record Route(HttpMethod method, String path, String name, Handler handler) {

    /** Serves a route. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Answers with a value that becomes JSON, or refuses; what it throws is a refusal too. Called on the
         * connection's event loop and must not block it.
         */
        void handle(Call call, Reply<Object> reply);
    }

    public static Route get(String path, String name, Handler handler) {
        return new Route(HttpMethod.GET, path, name, handler);
    }

    public static Route post(String path, String name, Handler handler) {
        return new Route(HttpMethod.POST, path, name, handler);
    }

    public static Route put(String path, String name, Handler handler) {
        return new Route(HttpMethod.PUT, path, name, handler);
    }

    public static Route delete(String path, String name, Handler handler) {
        return new Route(HttpMethod.DELETE, path, name, handler);
    }

    boolean changes() {
        return !method.equals(HttpMethod.GET);
    }

    /** The values of the path's places if these levels are of this route. */
    Optional<Map<String, String>> match(String[] levels) {
        String[] pattern = path.split("/", -1);
        if (pattern.length != levels.length) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i].startsWith("{")) {
                values.put(pattern[i].substring(1, pattern[i].length() - 1), levels[i]);
            } else if (!pattern[i].equals(levels[i])) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }
}
