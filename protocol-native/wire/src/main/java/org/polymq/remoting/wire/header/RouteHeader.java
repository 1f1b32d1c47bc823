/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;

/** Code 105: where a topic is served. */
public record RouteHeader(String topic, boolean acceptStandardJsonOnly) {
    /**
     * Reads the header's fields.
     *
     * @throws BadRequestException when a required field is missing or no number
     */
    public static RouteHeader of(ExtFields fields) {
        return new RouteHeader(fields.string("topic"), fields.flag("acceptStandardJsonOnly", false));
    }

    /** The fields that carry this header. */
    public ExtFields toFields() {
        return new ExtFields().with("topic", topic).with("acceptStandardJsonOnly", acceptStandardJsonOnly);
    }
}
