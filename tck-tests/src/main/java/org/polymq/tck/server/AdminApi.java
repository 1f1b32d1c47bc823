/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The admin API as a program of an administrator uses it: users, roles, permissions, keys and tokens. */
public final class AdminApi {
    private static final Pattern KEY = Pattern.compile("\"accessKey\":\"([^\"]+)\"");
    private static final Pattern SECRET = Pattern.compile("\"secretKey\":\"([^\"]+)\"");
    private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

    private final HttpClient client = HttpClient.newHttpClient();
    private final String url;
    private final String authorization;

    /** An access key of RocketMQ's clients. */
    public record Key(String id, String secret) {}

    /** What the API said. */
    public record Answer(int status, String body) {
        /** @throws IOException unless it was done */
        Answer done() throws IOException {
            if (status != 200) {
                throw new IOException("the admin API answered " + status + " " + body);
            }
            return this;
        }
    }

    private AdminApi(Endpoints server, String authorization) {
        this.url = "http://" + server.dashboard() + "/api/v1/";
        this.authorization = authorization;
    }

    /** As a user with a password. */
    public static AdminApi as(Endpoints server, String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return new AdminApi(server, "Basic " + Base64.getEncoder().encodeToString(pair));
    }

    /** With a token. */
    public static AdminApi with(Endpoints server, String token) {
        return new AdminApi(server, "Bearer " + token);
    }

    /** As the user {@code admin} of a first start, whose password is in the data directory. */
    public static AdminApi first(BrokerProcess server) throws IOException {
        String password =
                Files.readString(server.data().resolve("admin-password")).strip();
        return as(server.endpoints(), "admin", password);
    }

    /** Makes a user with a password and permissions such as {@code allow PUB topic:a/#}. */
    public void createUser(String name, String password, String... permissions) throws IOException {
        call("POST", "users", "{\"name\":" + text(name) + ",\"password\":" + text(password) + permissions(permissions))
                .done();
    }

    /** Replaces a user's permissions. */
    public void setPermissions(String user, String... permissions) throws IOException {
        call("PUT", "users/" + user, "{\"enabled\":true" + permissions(permissions))
                .done();
    }

    /** Gives a user these roles and no other. */
    public void setRoles(String user, String... roles) throws IOException {
        call("PUT", "users/" + user, "{\"roles\":" + list(roles) + "}").done();
    }

    public void setPassword(String user, String password) throws IOException {
        call("PUT", "users/" + user + "/password", "{\"password\":" + text(password) + "}")
                .done();
    }

    public void deleteUser(String user) throws IOException {
        call("DELETE", "users/" + user, "").done();
    }

    /** Makes a role, or replaces its permissions. */
    public void setRole(String role, String... permissions) throws IOException {
        call("PUT", "roles/" + role, "{\"permissions\":" + list(permissions) + "}")
                .done();
    }

    public Key createKey(String user) throws IOException {
        String body = call("POST", "users/" + user + "/access-keys", "").done().body();
        return new Key(find(KEY, body), find(SECRET, body));
    }

    public void deleteKey(String id) throws IOException {
        call("DELETE", "access-keys/" + id, "").done();
    }

    /** The text of a new token of a user. */
    public String createToken(String user) throws IOException {
        return find(
                TOKEN, call("POST", "users/" + user + "/tokens", "{}").done().body());
    }

    /** Any request; the body, if there is one, is JSON. */
    public Answer call(String method, String path, String body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(url + path).normalize())
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", authorization)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String find(Pattern pattern, String body) throws IOException {
        Matcher found = pattern.matcher(body);
        if (!found.find()) {
            throw new IOException("nothing like " + pattern + " in the answer");
        }
        return found.group(1);
    }

    private static String permissions(String... permissions) {
        return ",\"permissions\":" + list(permissions) + "}";
    }

    private static String list(String... texts) {
        return Arrays.stream(texts).map(AdminApi::text).collect(Collectors.joining(",", "[", "]"));
    }

    private static String text(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
