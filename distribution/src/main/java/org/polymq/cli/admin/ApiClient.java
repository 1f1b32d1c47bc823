/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Calls the admin API and waits for the answer. {@link HttpURLConnection} and not the newer client of the JDK: a
 * command is one call, and this one is ready in a third of the time.
 */
public final class ApiClient {
    private static final int TIMEOUT_MILLIS = 30_000;
    /** The server gives a sign of life every 5 s. */
    private static final int SILENCE_MILLIS = 20_000;
    /** Events that are read before they are handled; then reading waits. */
    private static final int EVENTS_AHEAD = 256;

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

    /** Takes server-sent events. */
    @FunctionalInterface
    interface EventHandler {
        /** Whether to go on. */
        boolean event(String name, JsonNode data) throws IOException;
    }

    /**
     * Takes the events of a call until its handler has enough, or time is up.
     *
     * @param forMillis how long; 0 for any time
     * @return whether the handler had enough
     */
    boolean events(String path, long forMillis, EventHandler handler) throws IOException {
        HttpURLConnection connection = connection("GET", path);
        connection.setReadTimeout(SILENCE_MILLIS);
        try {
            refuseFailures(connection);
        } catch (ConnectException e) {
            throw noServer(e);
        }
        // A connection cannot be closed while another thread reads from it, so that one is left behind.
        BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(EVENTS_AHEAD);
        Thread reader = new Thread(() -> read(connection, arrivals), "polymq-events");
        reader.setDaemon(true);
        reader.start();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMillis);
        try {
            while (true) {
                long left = end - System.nanoTime();
                Arrival next =
                        forMillis == 0 ? arrivals.take() : left > 0 ? arrivals.poll(left, TimeUnit.NANOSECONDS) : null;
                if (next == null) {
                    return false;
                }
                if (next.failure() != null) {
                    throw next.failure();
                }
                if (!handler.event(next.name(), next.data())) {
                    return true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        } finally {
            reader.interrupt();
        }
    }

    /** An event, or why there are no more. */
    private record Arrival(
            String name, JsonNode data, @Nullable IOException failure) {}

    private void read(HttpURLConnection connection, BlockingQueue<Arrival> arrivals) {
        try {
            IOException end = new CommandFailedException("the server ended it: it stops, or the permission was taken");
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
                String name = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (Thread.interrupted()) {
                        return; // nobody wants more
                    }
                    if (line.startsWith("event: ")) {
                        name = line.substring(7);
                    } else if (line.startsWith("data: ")) {
                        arrivals.put(new Arrival(name, json.readTree(line.substring(6)), null));
                    }
                }
            } catch (IOException e) {
                end = e;
            } catch (RuntimeException e) {
                end = new IOException("what the server says cannot be understood", e);
            }
            arrivals.put(new Arrival("", json.nullNode(), end));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody wants more
        } finally {
            connection.disconnect();
        }
    }

    private HttpURLConnection connection(String method, String path) throws IOException {
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
        return connection;
    }

    private JsonNode call(String method, String path, @Nullable JsonNode body) throws IOException {
        HttpURLConnection connection = connection(method, path);
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
            throw noServer(e);
        }
    }

    private CommandFailedException noServer(ConnectException cause) {
        return new CommandFailedException(
                "nothing answers at " + url + ": is the server running? (--url says where)",
                CommandFailedException.NO_SERVER,
                cause);
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
        refuseFailures(connection);
        try (InputStream in = connection.getInputStream()) {
            return json.readTree(in);
        } catch (JsonProcessingException e) {
            throw new CommandFailedException("what answers at " + url + " is no PolyMQ", e);
        }
    }

    private void refuseFailures(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        if (status < 400) {
            return;
        }
        try (InputStream in = connection.getErrorStream()) {
            JsonNode answer = in == null ? json.createObjectNode() : json.readTree(in);
            String message = answer.path("message").asText("the server answered " + status);
            throw new CommandFailedException(
                    status == 401 ? message + " (--user and POLYMQ_PASSWORD)" : message, exitStatus(status));
        } catch (JsonProcessingException e) {
            throw new CommandFailedException("what answers at " + url + " is no PolyMQ", e);
        }
    }
}
