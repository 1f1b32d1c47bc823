/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Reply;

/**
 * One operation of the API, with all that its OpenAPI document says: a parameter or body that is not told here is
 * refused.
 *
 * @param method GET never changes anything
 * @param path below {@code /api/v1/}, such as {@code users/{name}}
 * @param name what the audit log calls it, such as {@code user change}
 * @param handler checks permissions and answers
 * @param summary what it does and what it needs, one sentence
 * @param parameters of the query
 * @param takes the type of the body, or null for none
 * @param gives what it answers
 */
public record Route(
        HttpMethod method,
        String path,
        String name,
        Handler handler,
        String summary,
        List<Parameter> parameters,
        @Nullable Class<?> takes,
        Shape gives) {

    /** Serves a route. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Answers with a value that becomes JSON, or refuses; what it throws is a refusal too. Called on the
         * connection's event loop and must not block it.
         */
        void handle(Call call, Reply<Object> reply);
    }

    /**
     * A parameter of the query.
     *
     * @param type of OpenAPI: string, integer or boolean
     */
    public record Parameter(String name, String type, String meaning) {}

    /**
     * What a route answers.
     *
     * @param type the answer itself, or one thing of the list
     * @param list what the list is called in the answer, or null for one thing
     * @param paged whether there may be a {@code next}
     * @param events whether it is sent as server-sent events, one after the other
     */
    public record Shape(Class<?> type, @Nullable String list, boolean paged, boolean events) {
        private static Shape one(Class<?> type) {
            return new Shape(type, null, false, false);
        }
    }

    /** What a route answers that has nothing to tell. */
    record Done(boolean done) {
        static final Done DONE = new Done(true);
    }

    public Route {
        parameters = List.copyOf(parameters);
    }

    private static Route of(HttpMethod method, String path, String name, Handler handler) {
        return new Route(method, path, name, handler, "", List.of(), null, Shape.one(Done.class));
    }

    public static Route get(String path, String name, Handler handler) {
        return of(HttpMethod.GET, path, name, handler);
    }

    public static Route post(String path, String name, Handler handler) {
        return of(HttpMethod.POST, path, name, handler);
    }

    public static Route put(String path, String name, Handler handler) {
        return of(HttpMethod.PUT, path, name, handler);
    }

    public static Route delete(String path, String name, Handler handler) {
        return of(HttpMethod.DELETE, path, name, handler);
    }

    /** The same with its summary, a sentence that says what it needs too. */
    public Route says(String what) {
        return new Route(method, path, name, handler, what, parameters, takes, gives);
    }

    private Route with(String parameter, String type, String meaning) {
        List<Parameter> all = new ArrayList<>(parameters);
        all.add(new Parameter(parameter, type, meaning));
        return new Route(method, path, name, handler, summary, all, takes, gives);
    }

    /** The same with a parameter that is a text. */
    public Route text(String parameter, String meaning) {
        return with(parameter, "string", meaning);
    }

    /** The same with a parameter that is a number. */
    public Route number(String parameter, String meaning) {
        return with(parameter, "integer", meaning);
    }

    /** The same with a parameter that is true or false. */
    public Route flag(String parameter, String meaning) {
        return with(parameter, "boolean", meaning);
    }

    /** The same with a body. */
    public Route takes(Class<?> body) {
        return new Route(method, path, name, handler, summary, parameters, body, gives);
    }

    /** The same with what it answers: a record, or Object for any. */
    public Route gives(Class<?> answer) {
        return new Route(method, path, name, handler, summary, parameters, takes, Shape.one(answer));
    }

    /** Answers a whole list. */
    public Route lists(String list, Class<?> row) {
        return new Route(method, path, name, handler, summary, parameters, takes, new Shape(row, list, false, false));
    }

    /** Answers a list in pages, see {@link Page}. */
    public Route pages(String list, Class<?> row) {
        return new Route(method, path, name, handler, summary, parameters, takes, new Shape(row, list, true, false))
                .number("limit", "how many, 1 to " + Page.MOST + "; 100 if not given")
                .text("after", "what the page before said as next");
    }

    /** Replies with {@link Events.Source}, which sends these. */
    public Route streams(Class<?> event) {
        return new Route(method, path, name, handler, summary, parameters, takes, new Shape(event, null, false, true));
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
