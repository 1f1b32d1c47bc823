/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.util.List;

/**
 * SUBSCRIBE. The filters are well formed.
 *
 * @param identifier 1 to 268435455; 0 if not sent
 */
public record Subscribe(int packetId, int identifier, List<Subscription> subscriptions) implements Packet {
    public Subscribe {
        subscriptions = List.copyOf(subscriptions);
    }
}
