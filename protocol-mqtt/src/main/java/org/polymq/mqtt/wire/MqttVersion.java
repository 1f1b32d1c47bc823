/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/** The protocol version a connection speaks, as its CONNECT named it. */
public enum MqttVersion {
    MQTT_3_1(3),
    MQTT_3_1_1(4),
    MQTT_5(5);

    private final int level;

    MqttVersion(int level) {
        this.level = level;
    }

    /** The protocol level byte of CONNECT. */
    public int level() {
        return level;
    }

    /** Whether packets carry reason codes and properties. */
    public boolean isV5() {
        return this == MQTT_5;
    }
}
