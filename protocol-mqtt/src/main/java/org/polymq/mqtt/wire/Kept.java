/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.util.List;

/**
 * The subscriptions of the session that CONNACK says is present, for a gateway that has to make them in another group.
 * Goes before CONNACK. Not of MQTT.
 *
 * @param subscriptions each with one filter, as the client once sent it; the packet identifiers are 0
 */
public record Kept(List<Subscribe> subscriptions) implements Packet {
    public Kept {
        subscriptions = List.copyOf(subscriptions);
    }
}
