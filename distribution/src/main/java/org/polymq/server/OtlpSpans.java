/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.follow.MessageEvent;
import org.polymq.broker.follow.MessageFollower;

/**
 * Makes spans of what happens to messages and sends them by OTLP. A span belongs to the trace that the message's
 * publisher began: a message without {@code traceparent}, or one whose publisher did not sample it, has none. Safe from
 * any thread; sending has a thread of its own, and what it cannot keep up with is dropped.
 */
final class OtlpSpans implements MessageFollower, AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final long CLOSE_SECONDS = 5;

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> MESSAGE_ID = AttributeKey.stringKey("messaging.message.id");
    private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("messaging.client.id");
    private static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
    private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("network.protocol.name");
    private static final AttributeKey<Long> POSITION = AttributeKey.longKey("polymq.message.position");
    private static final AttributeKey<Long> DELIVERIES = AttributeKey.longKey("polymq.message.deliveries");

    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final W3CTraceContextPropagator propagator = W3CTraceContextPropagator.getInstance();

    /**
     * @param endpoint where OTLP is taken over HTTP, path included
     * @param instance which of the service's servers this is
     */
    OtlpSpans(URI endpoint, String serviceName, String instance) {
        Resource resource = Resource.getDefault().toBuilder()
                .put("service.name", serviceName)
                .put("service.instance.id", instance)
                .build();
        provider = SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(Sampler.parentBased(Sampler.alwaysOff()))
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                .setEndpoint(endpoint.toString())
                                .setTimeout(TIMEOUT)
                                .build())
                        .setScheduleDelay(EVERY)
                        .build())
                .build();
        tracer = provider.get("org.polymq");
    }

    @Override
    public void happened(MessageEvent event) {
        if (event.traceParent() == null) {
            return;
        }
        Context parent = propagator.extract(Context.root(), event, new Carried());
        if (!Span.fromContext(parent).getSpanContext().isSampled()) {
            return;
        }
        String operation = operation(event.kind());
        Span span = tracer.spanBuilder(operation + " " + event.topic())
                .setParent(parent)
                .setSpanKind(event.kind() == MessageEvent.Kind.DELIVERED ? SpanKind.PRODUCER : SpanKind.SERVER)
                .setStartTimestamp(event.started())
                .setAttribute(SYSTEM, "polymq")
                .setAttribute(OPERATION, operation)
                .setAttribute(DESTINATION, event.topic())
                .setAttribute(PROTOCOL, event.protocol())
                .setAttribute(CLIENT, event.client())
                .startSpan();
        if (event.id() != null) {
            span.setAttribute(MESSAGE_ID, event.id());
        }
        if (event.position() != null) {
            span.setAttribute(POSITION, event.position());
        }
        if (!event.through().isEmpty()) {
            span.setAttribute(GROUP, event.through());
        }
        if (event.deliveries() > 0) {
            span.setAttribute(DELIVERIES, (long) event.deliveries());
        }
        span.end(event.started().plus(event.took()));
    }

    private static String operation(MessageEvent.Kind kind) {
        return switch (kind) {
            case PUBLISHED -> "publish";
            case DELIVERED -> "deliver";
            case ACKNOWLEDGED -> "acknowledge";
            case RETURNED -> "return";
        };
    }

    /** What travels with a message, as the propagator reads it. */
    private static final class Carried implements TextMapGetter<MessageEvent> {
        @Override
        public @Nullable String get(@Nullable MessageEvent event, String key) {
            if (event == null) {
                return null;
            }
            return switch (key.toLowerCase(Locale.ROOT)) {
                case "traceparent" -> event.traceParent();
                case "tracestate" -> event.traceState();
                default -> null;
            };
        }
    }

    /** Sends what is left. */
    @Override
    public void close() {
        provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
