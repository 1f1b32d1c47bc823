/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.polymq.broker.subscription.SubscriptionCaps;

/**
 * The core's figures: what is stored, what there is, and how the log is. Read when they are asked for; they cost
 * nothing before.
 */
public final class BrokerMetrics implements MeterBinder {
    private final Broker broker;

    public BrokerMetrics(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder("polymq.messages.stored", broker, Broker::messagesStored)
                .description("Messages stored since the start")
                .register(registry);
        gauge(
                registry,
                "polymq.topics",
                "Topics and queues",
                each -> each.topics().count());
        gauge(
                registry,
                "polymq.sessions",
                "Persistent MQTT sessions",
                each -> each.sessions().size());
        gauge(
                registry,
                "polymq.retained.messages",
                "Retained messages",
                each -> each.retained().size());
        gauge(
                registry,
                "polymq.timers.pending",
                "Messages that are stored and not due yet",
                each -> each.timers().pending());
        FunctionCounter.builder("polymq.jms.dead.letters", broker, Broker::deadLetters)
                .description("Messages that JMS applications were handed too often")
                .register(registry);
        gauge(
                registry,
                "polymq.xa.prepared",
                "Prepared transaction branches, and those an administrator ended that nobody has forgotten",
                each -> each.transactions().count());
        gauge(
                registry,
                "polymq.log.position.bytes",
                "Position behind the newest entry of the log",
                each -> each.log().end());
        gauge(
                registry,
                "polymq.log.start.bytes",
                "Position of the oldest entry that is kept",
                each -> each.log().start());
        gauge(
                registry,
                "polymq.log.queues",
                "Queues in the log's index",
                each -> each.log().index().queueCount());
        gauge(
                registry,
                "polymq.large.bodies",
                "Messages above 4 MB in the log, and those on their way in",
                each -> each.largeBodies());
        gauge(
                registry,
                "polymq.large.upload.bytes",
                "Memory of messages above 4 MB on their way in",
                each -> each.publisher().uploads().taken());
        FunctionCounter.builder(
                        "polymq.large.refused",
                        broker,
                        each -> each.publisher().uploads().refused())
                .description("Messages above 4 MB refused because limits.large-message-memory was in use")
                .register(registry);
        count(
                registry,
                "polymq.storage.segments.removed",
                "Segments removed since the start",
                each -> each.retention().removed());
        count(
                registry,
                "polymq.storage.segments.removed.early",
                "Those removed before their messages' time, for want of space",
                each -> each.retention().early());
        count(
                registry,
                "polymq.storage.segments.cleaned",
                "Segments cleaned since the start",
                each -> each.retention().cleaned());
        gauge(
                registry,
                "polymq.storage.low",
                "1 while old segments go before their time, as free space is below storage.clean-below",
                each -> each.retention().isBelowWatermark() ? 1 : 0);
        for (SubscriptionCaps.Cause cause : SubscriptionCaps.Cause.values()) {
            FunctionCounter.builder(
                            "polymq.subscription.taken",
                            broker,
                            each -> each.caps().taken(cause))
                    .tag("reason", cause.name().toLowerCase(Locale.ROOT))
                    .description("Messages that a cap took from durable subscriptions")
                    .register(registry);
        }
        gauge(
                registry,
                "polymq.storage.full",
                "1 while messages are refused for want of disk space",
                each -> each.log().full() ? 1 : 0);
        gauge(
                registry,
                "polymq.storage.failed",
                "1 after a write to the disk failed; final until restart",
                each -> each.log().failed() ? 1 : 0);
    }

    private void count(MeterRegistry registry, String name, String description, ToDoubleFunction<Broker> value) {
        FunctionCounter.builder(name, broker, value).description(description).register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<Broker> value) {
        Gauge.builder(name, broker, value).description(description).register(registry);
    }
}
