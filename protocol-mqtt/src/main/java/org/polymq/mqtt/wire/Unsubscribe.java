/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.util.List;

/** UNSUBSCRIBE. The filters are well formed. */
public record Unsubscribe(int packetId, List<String> filters) implements Packet {
    public Unsubscribe {
        filters = List.copyOf(filters);
    }
}
