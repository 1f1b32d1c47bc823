/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.List;
import org.polymq.bridge.remote.RemoteSettings;

/**
 * What a bridge does, read from its definition.
 *
 * @param remote how to reach the other broker
 * @param plugin the operator's directory of jars for the remote's client, by its name; empty for those that PolyMQ
 *     brings
 * @param out what is sent
 * @param in what is received
 * @param localId this broker, in trails; empty for a name made by chance
 * @param remoteId the other broker, in trails
 * @param batch most messages that are under way at once on a link
 * @param batchBytes the same in bytes
 * @param leastWait before the first new attempt
 * @param mostWait before any new attempt
 * @param alarmBacklog messages that may wait before that is worth an alarm
 */
record BridgeConfig(
        String name,
        Protocol protocol,
        RemoteSettings remote,
        String plugin,
        List<Entry> out,
        List<Entry> in,
        String localId,
        String remoteId,
        int batch,
        long batchBytes,
        Duration leastWait,
        Duration mostWait,
        RefusalPolicy refused,
        int maxMessageSize,
        int maxHops,
        long alarmBacklog) {
    BridgeConfig {
        out = List.copyOf(out);
        in = List.copyOf(in);
    }

    /** Whether brokers are called in trails what they call themselves, so that each is known wherever it comes up. */
    boolean namesBrokers() {
        return !localId.isEmpty();
    }

    /** What the other side speaks. */
    enum Protocol {
        MQTT("mqtt", "org.polymq.bridge.mqtt.MqttRemote"),
        JMS("jms", "org.polymq.bridge.jms.JmsRemote"),
        ROCKETMQ("rocketmq", "org.polymq.bridge.rocketmq.RocketMqRemote");

        private final String word;
        private final String remoteClass;

        Protocol(String word, String remoteClass) {
            this.word = word;
            this.remoteClass = remoteClass;
        }

        /** As it is written in a definition. */
        String word() {
            return word;
        }

        /** The class that speaks it, which is loaded apart from the server's. */
        String remoteClass() {
            return remoteClass;
        }
    }

    /** One entry of a topic list, as it was written and as it is meant. */
    record Entry(String text, Route route) {}
}
