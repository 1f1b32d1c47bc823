/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lanes;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.net.Tls;
import org.polymq.broker.security.Access;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.Credentials;
import org.polymq.broker.security.Origin;
import org.polymq.broker.security.Security;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves {@code /api/v1}: logs the caller in, finds the route, and answers JSON. Each call that changes something is a
 * line of the audit log.
 *
 * <p>Credentials come in the Authorization header (Basic or Bearer) or as a client certificate, never as a cookie. So
 * that no page of another site can use what a browser remembers, a body has to be declared as JSON, a foreign
 * {@code Origin} is refused, and while security is off the {@code Host} has to be an address or {@code localhost}.
 */
public final class Api {
    /** Where the API begins. */
    public static final String PREFIX = "/api/v1/";

    private static final Logger log = LoggerFactory.getLogger(Api.class);

    private final Security security;
    private final List<Route> routes;
    private final Map<String, Object> document;
    private final Json json = new Json();
    /** What is being changed, so that two cannot change one thing of the same version. */
    private final Set<String> changing = ConcurrentHashMap.newKeySet();

    /**
     * A status and a JSON body.
     *
     * @param events what is sent instead of a body, as it happens; null for most
     */
    public record Answer(HttpResponseStatus status, String body, Events.@Nullable Source events) {
        private static Answer of(HttpResponseStatus status, String body) {
            return new Answer(status, body, null);
        }
    }

    private record Failure(String code, String message) {}

    private record Found(Route route, Map<String, String> values) {
        /** What a change is about: the route and the names in its path. */
        private String thing() {
            return route.method() + " " + route.path() + " " + new TreeMap<>(values);
        }
    }

    public Api(Security security, List<Route> routes) {
        this.security = security;
        List<Route> all = new ArrayList<>(routes);
        all.add(Route.get("openapi.json", "API document", this::document)
                .says("This document, in OpenAPI 3.1. Needs a login.")
                .gives(Object.class));
        this.routes = List.copyOf(all);
        this.document = OpenApi.of(this.routes);
    }

    private void document(Call call, Reply<Object> reply) {
        reply.ok(document);
    }

    /** All operations. */
    List<Route> routes() {
        return routes;
    }

    /** Answers one request of a path under {@link #PREFIX}, once, on the connection's event loop. Reads it only. */
    public void serve(Channel channel, FullHttpRequest request, Consumer<Answer> answer) {
        try {
            checkSite(request);
            Found found = find(request);
            byte[] body = new byte[request.content().readableBytes()];
            request.content().getBytes(request.content().readerIndex(), body);
            if (body.length > 0 && !isJson(request.headers())) {
                throw new BrokerException(Reason.INVALID_REQUEST, "a body needs Content-Type: application/json");
            }
            Map<String, String> query = query(request);
            login(channel, request, Reply.of(access -> call(channel, found, query, body, access, answer), refused -> {
                answer.accept(refusal(refused));
            }));
        } catch (BrokerException refused) {
            answer.accept(refusal(refused));
        }
    }

    /** Logs the caller of any path of this port in: by header, by certificate, or as nobody. */
    public void login(Channel channel, FullHttpRequest request, Reply<Access> reply) {
        security.authenticator()
                .login(
                        credentials(channel, request.headers()),
                        Origin.of("http", channel),
                        Lanes.of(channel.eventLoop()),
                        reply);
    }

    private void call(
            Channel channel,
            Found found,
            Map<String, String> query,
            byte[] body,
            Access access,
            Consumer<Answer> answer) {
        Call call;
        try {
            call = new Call(access, Lanes.of(channel.eventLoop()), found.route(), found.values(), query, body, json);
        } catch (BrokerException refused) {
            answer.accept(refusal(refused));
            return;
        }
        String thing = found.thing();
        if (found.route().method().equals(HttpMethod.PUT) && !changing.add(thing)) {
            answer.accept(refusal(new ConflictException("somebody else is changing it right now: look at it again")));
            return;
        }
        Reply<Object> reply = Reply.of(
                value -> {
                    changing.remove(thing);
                    audit(found, call, "ok");
                    answer.accept(
                            value instanceof Events.Source events
                                    ? new Answer(HttpResponseStatus.OK, "", events)
                                    : Answer.of(HttpResponseStatus.OK, json.write(value)));
                },
                refused -> {
                    changing.remove(thing);
                    audit(found, call, refused.reason().name());
                    answer.accept(refusal(refused));
                });
        try {
            found.route().handler().handle(call, reply);
        } catch (BrokerException refused) {
            reply.failed(refused);
        } catch (RuntimeException e) {
            log.error("cannot serve {}", found.route().name(), e);
            reply.failed(new BrokerException(Reason.INTERNAL, "the broker failed; its log says more", e));
        }
    }

    private void audit(Found found, Call call, String result) {
        if (found.route().changes()) {
            Map<String, String> details = new HashMap<>(found.values());
            if (!call.target().isEmpty()) {
                details.put("target", call.target());
            }
            details.put("result", result);
            security.audit()
                    .write(new Audit.Event(
                            Audit.Kind.ADMIN,
                            call.access().principal().name(),
                            call.access().origin(),
                            found.route().name(),
                            details));
        }
    }

    /** A value as the API writes it. */
    public String write(Object value) {
        return json.write(value);
    }

    // ---- requests

    private Found find(FullHttpRequest request) {
        String path = new QueryStringDecoder(request.uri()).rawPath();
        String[] levels = path.substring(PREFIX.length()).split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            levels[i] = decode(levels[i]);
        }
        boolean known = false;
        for (Route route : routes) {
            Optional<Map<String, String>> values = route.match(levels);
            if (values.isPresent()) {
                if (route.method().equals(request.method())) {
                    return new Found(route, values.orElseThrow());
                }
                known = true;
            }
        }
        throw new BrokerException(
                Reason.NOT_SUPPORTED,
                known ? request.method() + " is not for this path" : "there is nothing at this path");
    }

    private static String decode(String level) {
        try {
            return URLDecoder.decode(level.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the path has a malformed % code", e);
        }
    }

    private static Map<String, String> query(FullHttpRequest request) {
        Map<String, String> query = new HashMap<>();
        try {
            new QueryStringDecoder(request.uri()).parameters().forEach((name, all) -> query.put(name, all.get(0)));
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the query has a malformed % code", e);
        }
        return query;
    }

    private static boolean isJson(HttpHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        return type.equals("application/json") || type.startsWith("application/json;");
    }

    /** Refuses what a page of another site has a browser do. */
    public void checkSite(FullHttpRequest request) {
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        if (origin != null && !origin.endsWith("://" + host)) {
            throw new BrokerException(Reason.NO_PERMISSION, "a page of another site may not use this API");
        }
        if (!security.enabled() && !isPlainHost(host)) {
            throw new BrokerException(
                    Reason.NO_PERMISSION, "while security is off the Host has to be an address or localhost");
        }
        boolean changes =
                !request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD);
        if (changes && "cross-site".equals(request.headers().get("Sec-Fetch-Site"))) {
            throw new BrokerException(Reason.NO_PERMISSION, "a page of another site may not use this API");
        }
    }

    private static boolean isPlainHost(String host) {
        try {
            String name = new URI("http://" + host).getHost();
            if (name == null) {
                return false;
            }
            String bare = name.startsWith("[") ? name.substring(1, name.length() - 1) : name;
            return bare.equals("localhost") || NetUtil.isValidIpV4Address(bare) || NetUtil.isValidIpV6Address(bare);
        } catch (java.net.URISyntaxException e) {
            return false;
        }
    }

    private static Credentials credentials(Channel channel, HttpHeaders headers) {
        String header = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return new Credentials.Bearer(header.substring(7).strip());
        }
        if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return basic(header.substring(6).strip());
        }
        return Tls.clientCertificate(channel)
                .<Credentials>map(Credentials.Certificate::new)
                .orElseGet(Credentials.Anonymous::new);
    }

    private static Credentials basic(String base64) {
        try {
            String pair = new String(Base64.getDecoder().decode(base64), UTF_8);
            int colon = pair.indexOf(':');
            if (colon >= 0) {
                return new Credentials.Password(pair.substring(0, colon), pair.substring(colon + 1));
            }
        } catch (IllegalArgumentException e) {
            throw new BrokerException(Reason.NOT_AUTHENTICATED, "the Authorization header is not Base64", e);
        }
        throw new BrokerException(Reason.NOT_AUTHENTICATED, "the Authorization header has no password");
    }

    // ---- refusals

    /** The one format of errors: {@code {"code":"NO_PERMISSION","message":"..."}}. */
    public Answer refusal(BrokerException refused) {
        HttpResponseStatus status = status(refused.reason());
        String code = status.equals(HttpResponseStatus.NOT_FOUND)
                ? "NOT_FOUND"
                : refused instanceof ConflictException
                        ? "CONFLICT"
                        : refused.reason().name();
        return Answer.of(status, json.write(new Failure(code, String.valueOf(refused.getMessage()))));
    }

    private static HttpResponseStatus status(Reason reason) {
        return switch (reason) {
            case NOT_AUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
            case NO_PERMISSION -> HttpResponseStatus.FORBIDDEN;
            case TOPIC_NOT_FOUND, QUEUE_NOT_FOUND, SUBSCRIPTION_NOT_FOUND, GROUP_NOT_FOUND, TRANSACTION_NOT_FOUND ->
                HttpResponseStatus.NOT_FOUND;
            case NOT_SUPPORTED -> HttpResponseStatus.NOT_FOUND;
            case ALREADY_EXISTS, SUBSCRIPTION_IN_USE, CLIENT_ID_IN_USE, WRONG_KIND -> HttpResponseStatus.CONFLICT;
            case LIMIT_EXCEEDED -> HttpResponseStatus.TOO_MANY_REQUESTS;
            case DISK_FULL -> HttpResponseStatus.INSUFFICIENT_STORAGE;
            case UNAVAILABLE, NOT_LEADING, CLOSED -> HttpResponseStatus.SERVICE_UNAVAILABLE;
            case OUTCOME_UNKNOWN, LEAD_LOST, CORRUPT, INTERNAL -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
            default -> HttpResponseStatus.BAD_REQUEST;
        };
    }
}
