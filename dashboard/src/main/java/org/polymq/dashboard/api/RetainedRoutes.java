/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.List;
import java.util.Map;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Origin;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.retained.RetainedView.Retained;

/** Retained messages over HTTP: listed by filter, and cleared as an MQTT client would. */
public final class RetainedRoutes {
    private final Broker broker;

    public RetainedRoutes(Broker broker) {
        this.broker = broker;
    }

    /** The routes, for {@link Api}. */
    public List<Route> routes() {
        return List.of(
                Route.get("retained", "retained list", this::list)
                        .says("Retained messages that a filter matches. Needs SUB on all of the filter.")
                        .text("filter", "an MQTT topic filter; # if not given")
                        .pages("retained", Row.class),
                Route.delete("retained/{topic}", "retained clear", this::clear)
                        .says("Clears one; '/' is written %2F. Needs PUB on the topic."));
    }

    private record Row(String topic, long position) {}

    /** What a filter matches ({@code #} if none is given); needs SUB on all of it. */
    private void list(Call call, Reply<Object> reply) {
        String filter = call.query("filter", "#");
        call.access().subscribe(filter);
        Page page = Page.of(call);
        broker.coldReads().execute(() -> {
            Map<String, Object> answer = page.<Retained>answer(
                    "retained",
                    broker.retained().matching(filter, page.after(), page.limit() + 1),
                    Retained::name,
                    retained -> new Row(retained.name(), retained.position()));
            call.lane().execute(() -> reply.ok(answer));
        });
    }

    /** The name is one level of the path, its {@code /} written as {@code %2F}. */
    private void clear(Call call, Reply<Object> reply) {
        String name = call.path("topic");
        call.access().publish(Destination.topic(name));
        if (broker.retained().matching(name).isEmpty()) {
            throw new BrokerException(Reason.TOPIC_NOT_FOUND, "nothing is retained for '" + name + "'");
        }
        Message empty = Message.to(Names.ofMqtt(name))
                .origin(Origin.MQTT)
                .qos(1)
                .retain(true)
                .bornTime(System.currentTimeMillis())
                .build();
        broker.publisher().publish(Outgoing.toTopic(empty), call.lane(), Call.mapped(reply, stored -> Route.Done.DONE));
    }
}
