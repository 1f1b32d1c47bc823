/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.follow.MessageEvent;
import org.polymq.broker.follow.MessageTrace;

/** Traces of what the broker does for one client or topic, over HTTP. For administrators of the cluster. */
final class TracingRoutes {
    private static final Duration USUAL = Duration.ofMinutes(5);
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Broker broker;
    private final InstantSource clock;

    TracingRoutes(Broker broker, InstantSource clock) {
        this.broker = broker;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.get("traces", "trace list", this::list)
                        .says("Traces of clients and topics, running and ended. Needs MANAGE on the cluster.")
                        .lists("traces", Row.class),
                Route.post("traces", "trace start", this::start)
                        .says(
                                "Traces what happens to the messages of a client (its id or address), of a topic filter, or"
                                        + " of both together, for a while. Needs MANAGE on the cluster.")
                        .takes(NewTrace.class)
                        .gives(Row.class),
                Route.get("traces/{number}", "trace show", this::show)
                        .says("One with its newest events. Needs MANAGE on the cluster.")
                        .gives(Whole.class),
                Route.delete("traces/{number}", "trace stop", this::stop)
                        .says("Ends one and forgets it. Needs MANAGE on the cluster."));
    }

    private record NewTrace(
            @Nullable String client,
            @Nullable String topic,
            @Nullable String duration) {}

    private record Row(
            int number,
            @Nullable String client,
            @Nullable String topic,
            String startedAt,
            String until,
            boolean running,
            int events,
            long missed) {}

    private record Whole(Row trace, List<Step> events) {}

    /**
     * Something that happened to a message.
     *
     * @param what published, delivered, acknowledged or returned
     * @param through the subscription or group
     * @param deliveries how often it was handed out, this time included
     */
    record Step(
            String at,
            String what,
            String topic,
            @Nullable Long position,
            @Nullable String id,
            String protocol,
            String client,
            @Nullable String through,
            @Nullable Integer deliveries) {
        static Step of(MessageEvent event) {
            return new Step(
                    event.started().toString(),
                    event.kind().name().toLowerCase(Locale.ROOT),
                    event.topic(),
                    event.position(),
                    event.id(),
                    event.protocol(),
                    event.client(),
                    event.through().isEmpty() ? null : event.through(),
                    event.deliveries() == 0 ? null : event.deliveries());
        }
    }

    private void list(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        List<Row> rows = new ArrayList<>();
        broker.traces().all().forEach((number, trace) -> rows.add(row(number, trace)));
        reply.ok(Map.of("traces", rows));
    }

    private void start(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        NewTrace wanted = call.body(NewTrace.class);
        String client = wanted.client() == null ? "" : wanted.client();
        String topic = wanted.topic() == null ? "" : wanted.topic();
        if (client.isEmpty() && topic.isEmpty()) {
            throw new BrokerException(Reason.INVALID_REQUEST, "give a client, a topic, or both");
        }
        Duration length = Duration.ofMillis(Texts.millis(wanted.duration(), USUAL.toMillis()));
        if (length.isZero() || length.compareTo(LONGEST) > 0) {
            throw new BrokerException(Reason.INVALID_REQUEST, "duration has to be more than 0 and at most 1h");
        }
        call.about(client + " " + topic);
        int number = broker.traces().begin(new MessageTrace.Subject(client, topic), length);
        reply.ok(row(number, existing(number)));
    }

    private void show(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        int number = number(call);
        MessageTrace trace = existing(number);
        reply.ok(new Whole(
                row(number, trace), trace.events().stream().map(Step::of).toList()));
    }

    private void stop(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        int number = number(call);
        if (!broker.traces().end(number)) {
            throw Page.unknown("trace", String.valueOf(number));
        }
        reply.ok(Route.Done.DONE);
    }

    private static int number(Call call) {
        return (int) Math.min(Integer.MAX_VALUE, call.pathNumber("number"));
    }

    private MessageTrace existing(int number) {
        return broker.traces().find(number).orElseThrow(() -> Page.unknown("trace", String.valueOf(number)));
    }

    private Row row(int number, MessageTrace trace) {
        MessageTrace.Subject subject = trace.subject();
        return new Row(
                number,
                subject.client().isEmpty() ? null : subject.client(),
                subject.topic().isEmpty() ? null : subject.topic(),
                trace.started().toString(),
                trace.until().toString(),
                trace.until().isAfter(clock.instant()),
                trace.events().size(),
                trace.missed());
    }
}
