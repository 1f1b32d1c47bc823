/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;

/** What may be set of MQTT beside its ports and limits. */
final class MqttOptions {
    static final Option<Duration> SESSION_EXPIRY = new Option<>(
            "mqtt.session-expiry",
            OptionType.duration("1s", "36500d"),
            "168h",
            "How long a persistent session outlives its connection at most.");
    static final Option<Duration> SHARED_EXPIRY = new Option<>(
            "mqtt.shared-subscription-expiry",
            OptionType.duration("1s", "36500d"),
            "168h",
            "How long a shared subscription and its messages stay without a member.");
    static final Option<Integer> RECEIVE_MAXIMUM = new Option<>(
            "mqtt.receive-maximum",
            OptionType.number(1, 65_535),
            "10000",
            "How many QoS 1 and 2 messages of an MQTT 5 client may be unanswered.");
    static final Option<Integer> SERVER_ALIASES = new Option<>(
            "mqtt.server-topic-aliases",
            OptionType.number(0, 65_535),
            "16",
            "Topic aliases that the broker uses towards an MQTT 5 client that allows as many.");
    static final Option<String> RESPONSE_INFORMATION = new Option<>(
            "mqtt.response-information",
            OptionType.TEXT,
            "",
            "What an MQTT 5 client is told that asks for response information: the beginning of its response topics.");
    static final Option<Duration> SYS_INTERVAL = new Option<>(
            "mqtt.sys-interval",
            OptionType.duration("0s", "1h"),
            "10s",
            "How often the topics under `$SYS/broker/` are published. 0: never.");

    static final Option<Boolean> REVEAL_DENIALS = new Option<>(
            "mqtt.reveal-denials",
            OptionType.BOOLEAN,
            "true",
            "Whether a subscription that is not permitted is refused with 0x87, or with 0x80 and no reason.");

    private MqttOptions() {}
}
