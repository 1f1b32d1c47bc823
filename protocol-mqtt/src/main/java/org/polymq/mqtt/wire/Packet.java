/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/**
 * A control packet: whole, but for a large PUBLISH. Immutable; byte buffers inside are read-only by agreement and may
 * be kept.
 */
public sealed interface Packet
        permits Connect,
                ConnAck,
                Publish,
                LargePublish,
                PayloadPart,
                Ack,
                Subscribe,
                SubAck,
                Unsubscribe,
                UnsubAck,
                PingRequest,
                PingResponse,
                Disconnect,
                Auth,
                Admitted,
                Kept {
    /** Whether a client asks for something with it, which it may do so many times a second. */
    default boolean isRequest() {
        return this instanceof Publish
                || this instanceof LargePublish
                || this instanceof Subscribe
                || this instanceof Unsubscribe;
    }

    /** The same without its reason string, where a client may not want one (MQTT 5, 3.1.2-29). */
    default Packet withoutReasonString() {
        return this;
    }
}
