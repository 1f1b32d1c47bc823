/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import org.polymq.mqtt.ServerAliases;
import org.polymq.mqtt.ServerAliases.Alias;
import org.polymq.mqtt.wire.EncodedPublish;
import org.polymq.mqtt.wire.PacketEncoder;

/**
 * Puts topic aliases into the messages of all groups, since a client knows one set of them only (MQTT 5, 3.3.2.3.4).
 * Confined to the client's event loop.
 */
final class TopicShortener {
    private static final int TOPIC_ALIAS = 0x23;
    /** Bytes by which a packet grows at most: the alias, and two lengths. */
    private static final int GROWTH = EncodedPublish.ALIAS_SIZE + 2;

    private final ServerAliases aliases;
    private final ClientOutput output;

    TopicShortener(int maximum, ClientOutput output) {
        this.aliases = new ServerAliases(maximum);
        this.output = output;
    }

    /**
     * Sends a whole PUBLISH of MQTT 5 with an alias; false, with nothing done, if that gains nothing or is too long.
     */
    boolean send(ByteBuf frame) {
        int topicAt = Frames.bodyAt(frame);
        int topicEnd = Frames.behindTopic(frame);
        int size = frame.readableBytes();
        if (topicEnd - topicAt - 2 <= EncodedPublish.ALIAS_SIZE || size + GROWTH > output.maxPacketSize()) {
            return false;
        }
        Alias alias = aliases.next(frame.toString(topicAt + 2, topicEnd - topicAt - 2, UTF_8));
        int propertiesAt = topicEnd + (Frames.qos(frame) > 0 ? 2 : 0);
        int properties = Frames.varInt(frame, propertiesAt);
        int propertiesFrom = propertiesAt + Frames.varIntSize(properties);
        int longer = properties + EncodedPublish.ALIAS_SIZE;
        int topicSize = alias.known() ? 2 : topicEnd - topicAt;
        int rest = frame.writerIndex() - propertiesFrom;
        int length =
                topicSize + (propertiesAt - topicEnd) + Frames.varIntSize(longer) + EncodedPublish.ALIAS_SIZE + rest;
        ByteBuf out = output.room(size + GROWTH);
        out.writeByte(frame.getByte(frame.readerIndex()));
        PacketEncoder.writeVarInt(length, out);
        if (alias.known()) {
            out.writeShort(0);
        } else {
            out.writeBytes(frame, topicAt, topicSize);
        }
        out.writeBytes(frame, topicEnd, propertiesAt - topicEnd);
        PacketEncoder.writeVarInt(longer, out);
        out.writeByte(TOPIC_ALIAS).writeShort(alias.number());
        out.writeBytes(frame, propertiesFrom, rest);
        return true;
    }
}
