/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/** One user property. Names may repeat and order counts (MQTT 5, 3.3.2.3.7). */
public record UserProperty(String name, String value) {}
