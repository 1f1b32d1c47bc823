/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 35: a client leaves. The group it does not name is empty. */
public record UnregisterClientHeader(String clientID, String producerGroup, String consumerGroup) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static UnregisterClientHeader of(ExtFields fields) {
        return new UnregisterClientHeader(
                fields.string("clientID"), fields.string("producerGroup", ""), fields.string("consumerGroup", ""));
    }
}
