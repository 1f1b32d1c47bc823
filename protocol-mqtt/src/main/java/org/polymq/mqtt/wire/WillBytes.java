/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;

/** A will as bytes that are kept: the PUBLISH of MQTT 5 that it will be. Its delay is kept elsewhere. */
public final class WillBytes {
    /** What was allowed when it was stored is allowed when it is read. */
    private static final DecoderLimits LIMITS = new DecoderLimits(65_535, 1 << 20, 65_535, 65_535, 1, 65_535, 1 << 20);

    private WillBytes() {}

    public static ByteBuffer of(Will will) {
        EncodedPublish publish = EncodedPublish.of(
                MqttVersion.MQTT_5,
                will.topic(),
                will.qos(),
                will.retain(),
                will.properties(),
                List.of(),
                will.payload());
        byte[] bytes = new byte[publish.size()];
        publish.writeTo(1, false, Unpooled.wrappedBuffer(bytes).clear());
        return ByteBuffer.wrap(bytes);
    }

    /** @throws PacketException if the bytes are not what {@link #of} made */
    public static Will read(ByteBuffer bytes, long delaySeconds) {
        ByteBuf in = Unpooled.wrappedBuffer(bytes.duplicate());
        if (new PacketDecoder(LIMITS, MqttVersion.MQTT_5).decode(in) instanceof Publish publish) {
            return new Will(
                    publish.topic(),
                    publish.payload(),
                    publish.qos(),
                    publish.retain(),
                    delaySeconds,
                    publish.properties());
        }
        throw PacketException.malformed("a stored will is no whole PUBLISH");
    }
}
