/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;

/** What may be set of how much is kept. */
final class RetentionOptions {
    static final Option<DataSize> LOG_SIZE = new Option<>(
            "storage.max-size",
            OptionType.size("0B", "1024TB"),
            "0B",
            "How large the log may be. Beyond it the oldest segments go before `storage.retention`, but for what is"
                    + " still live. 0B: no limit.");
    static final Option<DataSize> CLEAN_BELOW = new Option<>(
            "storage.clean-below",
            OptionType.size("0B", "1TB"),
            "1GB",
            "Below this much free disk space the oldest segments go before their time, but for what is still live. Keep"
                    + " it above `storage.full-below`. 0B: never.");
    static final Option<DataSize> MQTT_SIZE = new Option<>(
            "mqtt.retention-size",
            OptionType.size("0B", "1024TB"),
            "1GB",
            "How much a topic that MQTT made keeps for offset readers at most. 0B: no limit.");
    static final Option<Duration> SUBSCRIPTIONS_AGE = new Option<>(
            "subscriptions.max-age",
            OptionType.duration("0s", "36500d"),
            "30d",
            "What a durable subscription of topics (JMS, MQTT sessions and shared, POP) has not consumed for so long is"
                    + " taken from it, counted and logged. 0s: never.");
    static final Option<DataSize> SUBSCRIPTIONS_SIZE = new Option<>(
            "subscriptions.max-size",
            OptionType.size("0B", "1024TB"),
            "0B",
            "How many bytes a durable subscription may hold of one topic filter; the oldest are taken. 0B: no limit.");
    static final Option<Duration> SUBSCRIPTIONS_EXPIRY = new Option<>(
            "subscriptions.expiry",
            OptionType.duration("0s", "36500d"),
            "0s",
            "A durable JMS subscription without consumer for so long is deleted. 0s: never.");
    static final Option<Duration> QUEUES_AGE = new Option<>(
            "queues.max-age",
            OptionType.duration("0s", "36500d"),
            "0s",
            "What nobody has consumed from a queue for so long is taken from it, counted and logged. 0s: never.");
    static final Option<DataSize> QUEUES_SIZE = new Option<>(
            "queues.max-size",
            OptionType.size("0B", "1024TB"),
            "0B",
            "How many bytes a queue may hold; the oldest are taken. 0B: no limit.");

    static final List<Option<?>> ALL = List.of(
            LOG_SIZE,
            CLEAN_BELOW,
            MQTT_SIZE,
            SUBSCRIPTIONS_AGE,
            SUBSCRIPTIONS_SIZE,
            SUBSCRIPTIONS_EXPIRY,
            QUEUES_AGE,
            QUEUES_SIZE);

    private RetentionOptions() {}
}
