/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.polymq.dashboard.Endpoints.Answer;

/** The files of the dashboard's pages, as they lie in this module. Safe from any thread. */
final class WebPages {
    /** No path of another kind is looked up: nothing but what lies in the folder can be asked for. */
    private static final Pattern NAME = Pattern.compile("/(lib/)?[a-z0-9-]+\\.(js|css|html|svg)");

    private static final Map<String, String> TYPES = Map.of(
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "html", "text/html; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, Answer> read = new ConcurrentHashMap<>();

    /** The file of a path; {@code /} is the page itself. */
    Optional<Answer> find(String path) {
        String name = path.equals("/") ? "/index.html" : path;
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        Answer known = read.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        try (InputStream in = WebPages.class.getResourceAsStream("web" + name)) {
            if (in == null) {
                return Optional.empty();
            }
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            Answer answer =
                    new Answer(HttpResponseStatus.OK, String.valueOf(type), new String(in.readAllBytes(), UTF_8));
            read.put(name, answer);
            return Optional.of(answer);
        } catch (IOException e) {
            throw new IllegalStateException("the page " + name + " of this program cannot be read", e);
        }
    }
}
