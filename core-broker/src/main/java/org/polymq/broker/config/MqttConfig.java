/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;
import java.util.List;

/**
 * The settings of MQTT.
 *
 * @param port {@code mqtt.port}; 0 picks a free port
 * @param webSocketPort {@code mqtt.websocket-port}; 0 picks a free port
 * @param retention {@code mqtt.retention}: of topics that MQTT made
 * @param maxKeepAlive {@code mqtt.max-keep-alive}; zero: what the client asks for
 * @param topicAliasMaximum {@code mqtt.topic-alias-maximum}: of a client
 * @param serverTopicAliases {@code mqtt.server-topic-aliases}
 * @param sessionExpiry {@code mqtt.session-expiry}
 * @param sharedExpiry {@code mqtt.shared-subscription-expiry}
 * @param receiveMaximum {@code mqtt.receive-maximum}
 * @param responseInformation {@code mqtt.response-information}; empty for none
 * @param revealDenials {@code mqtt.reveal-denials}
 * @param redirect {@code mqtt.redirect}
 * @param webSocketOrigins {@code mqtt.websocket-origins}
 * @param proxies {@code mqtt.proxy-protocol-from}
 * @param sysInterval {@code mqtt.sys-interval}; zero for never
 */
public record MqttConfig(
        int port,
        int webSocketPort,
        Duration retention,
        Duration maxKeepAlive,
        int topicAliasMaximum,
        int serverTopicAliases,
        Duration sessionExpiry,
        Duration sharedExpiry,
        int receiveMaximum,
        String responseInformation,
        Duration sysInterval,
        boolean revealDenials,
        Redirect redirect,
        List<String> webSocketOrigins,
        List<String> proxies) {
    public MqttConfig {
        webSocketOrigins = List.copyOf(webSocketOrigins);
        proxies = List.copyOf(proxies);
    }

    /**
     * Another server that clients are sent to.
     *
     * @param when {@code mqtt.redirect}
     * @param serverReference {@code mqtt.server-reference}; not empty unless never
     */
    public record Redirect(When when, String serverReference) {
        /** Which clients are sent there. */
        public enum When {
            NEVER,
            /** Those that are connected when the broker stops. */
            AT_STOP,
            TEMPORARY,
            PERMANENT
        }
    }
}
