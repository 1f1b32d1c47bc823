/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

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

    static final Option<String> REDIRECT = new Option<>(
            "mqtt.redirect",
            OptionType.words("never", "at-stop", "temporary", "permanent"),
            "never",
            "When MQTT 5 clients are sent to `mqtt.server-reference`: connected ones when this broker stops, or whoever"
                    + " connects, with 0x9C (temporary) or 0x9D (permanent).");
    static final Option<String> SERVER_REFERENCE = new Option<>(
            "mqtt.server-reference",
            OptionType.TEXT,
            "",
            "The other server that `mqtt.redirect` names, as clients expect it: `host`, `host:port` or several with blanks"
                    + " between them.");
    static final Option<List<String>> WEBSOCKET_ORIGINS = new Option<>(
            "mqtt.websocket-origins",
            OptionType.TEXTS,
            "",
            "Origins of web pages that may connect over WebSocket, such as `https://app.example.com`; `*`: all. Empty:"
                    + " pages from the same host name. Programs that send no Origin are not asked.");
    static final Option<List<String>> PROXIES = new Option<>(
            "mqtt.proxy-protocol-from",
            OptionType.NETWORKS,
            "",
            "Addresses and networks whose MQTT and WebSocket connections have to begin with a PROXY protocol header,"
                    + " version 1 or 2, which says where the client is. From nowhere else is one taken.");

    private MqttOptions() {}

    static MqttConfig read(Values values) {
        String redirect = values.get(REDIRECT);
        if (!redirect.equals("never") && values.get(SERVER_REFERENCE).isEmpty()) {
            throw new ConfigException(values.source(REDIRECT)
                    + ": mqtt.redirect needs mqtt.server-reference, the server" + " that clients are sent to");
        }
        return new MqttConfig(
                values.get(Options.MQTT_PORT),
                values.get(Options.MQTT_WEBSOCKET_PORT),
                values.get(Options.MQTT_RETENTION),
                values.get(Options.MQTT_MAX_KEEP_ALIVE),
                values.get(Options.MQTT_TOPIC_ALIASES),
                values.get(SERVER_ALIASES),
                values.get(SESSION_EXPIRY),
                values.get(SHARED_EXPIRY),
                values.get(RECEIVE_MAXIMUM),
                values.get(RESPONSE_INFORMATION),
                values.get(SYS_INTERVAL),
                values.get(REVEAL_DENIALS),
                new MqttConfig.Redirect(
                        MqttConfig.Redirect.When.valueOf(
                                redirect.replace('-', '_').toUpperCase(Locale.ROOT)),
                        values.get(SERVER_REFERENCE)),
                values.get(WEBSOCKET_ORIGINS),
                values.get(PROXIES));
    }
}
