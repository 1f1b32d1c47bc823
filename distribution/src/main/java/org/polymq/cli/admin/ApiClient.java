/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Calls the admin API and waits for the answer. {@link HttpURLConnection} and not the newer client of the JDK: a
 * command is one call, and this one is ready in a third of the time.
 */
public final class ApiClient {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final String url;
    private final @Nullable String authorization;
    private final @Nullable SSLSocketFactory trust;
    private final ObjectMapper json = new ObjectMapper();

    /** @param authorization value of the header, or null for none */
    ApiClient(String url, @Nullable String authorization, @Nullable SSLSocketFactory trust) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.authorization = authorization;
        this.trust = trust;
    }

    public JsonNode get(String path) throws IOException {
        return call("GET", path, null);
    }

    public JsonNode post(String path, @Nullable JsonNode body) throws IOException {
        return call("POST", path, body);
    }

    public JsonNode put(String path, JsonNode body) throws IOException {
        return call("PUT", path, body);
    }

    public JsonNode delete(String path) throws IOException {
        return call("DELETE", path, null);
    }

    /** A part of a path or query. */
    static String escape(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private JsonNode call(String method, String path, @Nullable JsonNode body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(url + "/api/v1/" + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        if (connection instanceof HttpsURLConnection https && trust != null) {
            https.setSSLSocketFactory(trust);
        }
        if (authorization != null) {
            connection.setRequestProperty("Authorization", authorization);
        }
        try {
            if (body != null) {
                connection.setDoOutput(true);
                connection.setRequestProperty("Content-Type", "application/json");
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(json.writeValueAsBytes(body));
                }
            }
            return answer(connection);
        } catch (ConnectException e) {
            throw new CommandFailedException(
                    "nothing answers at " + url + ": is the server running? (--url says where)",
                    CommandFailedException.NO_SERVER,
                    e);
        }
    }

    private static int exitStatus(int status) {
        return switch (status) {
            case 401, 403 -> CommandFailedException.NOT_PERMITTED;
            case 404 -> CommandFailedException.NOT_FOUND;
            case 409 -> CommandFailedException.CONFLICT;
            default -> CommandFailedException.REFUSED;
        };
    }

    private JsonNode answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            JsonNode answer = in == null ? json.createObjectNode() : json.readTree(in);
            if (status >= 400) {
                String message = answer.path("message").asText("the server answered " + status);
                throw new CommandFailedException(
                        status == 401 ? message + " (--user and POLYMQ_PASSWORD)" : message, exitStatus(status));
            }
            return answer;
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new CommandFailedException("what answers at " + url + " is no PolyMQ", e);
        }
    }
}
