/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/** The protocol version a connection speaks, as its CONNECT named it. */
public enum MqttVersion {
    MQTT_3_1(3, "3.1"),
    MQTT_3_1_1(4, "3.1.1"),
    MQTT_5(5, "5.0");

    private final int level;
    private final String text;

    MqttVersion(int level, String text) {
        this.level = level;
        this.text = text;
    }

    /** As people write it. */
    public String text() {
        return text;
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
