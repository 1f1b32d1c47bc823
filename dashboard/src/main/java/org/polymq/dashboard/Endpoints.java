/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Optional;

/** What each path answers. Safe from any thread. */
final class Endpoints {
    static final String TEXT = "text/plain; charset=utf-8";
    static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    /** A status, a content type and a body. */
    record Answer(HttpResponseStatus status, String contentType, String body) {}

    private final PrometheusMeterRegistry registry;
    private final Health health;
    private final WebPages pages = new WebPages();

    Endpoints(PrometheusMeterRegistry registry, Health health) {
        this.registry = registry;
        this.health = health;
    }

    /** The answer to a GET of {@code path}, which has no query part. */
    Answer get(String path) {
        return monitoring(registry, health, path)
                .or(() -> pages.find(path))
                .orElseGet(() -> new Answer(HttpResponseStatus.NOT_FOUND, TEXT, "not found; see /\n"));
    }

    /** The answer if it is one of metrics or health. */
    static Optional<Answer> monitoring(PrometheusMeterRegistry registry, Health health, String path) {
        return switch (path) {
            case "/metrics" -> Optional.of(new Answer(HttpResponseStatus.OK, PROMETHEUS, registry.scrape()));
            case "/health/live" -> Optional.of(new Answer(HttpResponseStatus.OK, JSON, "{\"status\":\"UP\"}\n"));
            case "/health", "/health/ready" -> Optional.of(answer(health.report()));
            default -> Optional.empty();
        };
    }

    private static Answer answer(Health.Report report) {
        HttpResponseStatus status = report.ready() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        return new Answer(status, JSON, report.json());
    }
}
