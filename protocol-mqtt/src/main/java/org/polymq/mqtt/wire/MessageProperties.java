/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What MQTT 5 lets a publisher say about a message or a will beside its topic and payload. A null means that the
 * property was not sent.
 *
 * @param payloadFormat 0 for bytes, 1 for UTF-8 text
 * @param expirySeconds seconds from publication, 0 to 2^32-1
 */
public record MessageProperties(
        @Nullable Integer payloadFormat,
        @Nullable Long expirySeconds,
        @Nullable String contentType,
        @Nullable String responseTopic,
        @Nullable ByteBuffer correlationData,
        List<UserProperty> userProperties) {
    public static final MessageProperties NONE = new MessageProperties(null, null, null, null, null, List.of());

    public MessageProperties {
        userProperties = List.copyOf(userProperties);
    }
}
