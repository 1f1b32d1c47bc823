/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as all protocols agree on it. Made by a {@link Builder} when it is published by JMS or MQTT, or by
 * {@link StoredMessage#toMessage} when it is read.
 *
 * <p>Immutable. Times are milliseconds since the epoch, 0 meaning none.
 */
public final class Message {
    /** The priority of a message that says nothing about it (JMS). */
    public static final int DEFAULT_PRIORITY = 4;

    /** {@link #payloadFormat} of a message that says nothing about it. */
    public static final int NO_PAYLOAD_FORMAT = -1;

    private final Builder b;
    private final List<Property> properties;

    Message(Builder builder) {
        this.b = new Builder(builder);
        this.properties = List.copyOf(builder.properties);
    }

    /** Begins a message to an address; every other part is optional. */
    public static Builder to(Address address) {
        return new Builder(address);
    }

    /** A builder that starts with everything this message has. */
    public Builder toBuilder() {
        return new Builder(b);
    }

    /** The protocol it was published by. */
    public Origin origin() {
        return b.origin;
    }

    /** Where it was published to: a topic or, without path, a queue. */
    public Address address() {
        return b.address;
    }

    /** The id of the native {@code UNIQ_KEY}, without JMS's {@code ID:}; null for a native message without one. */
    public @Nullable String id() {
        return b.id;
    }

    /** The native keys: words separated by spaces. */
    public @Nullable String keys() {
        return b.keys;
    }

    /** The native tag. */
    public @Nullable String tag() {
        return b.tag;
    }

    /** The correlation data; {@link Correlation} makes text of it. The array must not be changed. */
    public byte @Nullable [] correlation() {
        return b.correlation;
    }

    /** Where an answer is wanted. */
    public @Nullable Destination replyTo() {
        return b.replyTo;
    }

    /** What the body's bytes are. */
    public BodyKind bodyKind() {
        return b.bodyKind;
    }

    /** Whether there is a body at all: false for a JMS TextMessage or ObjectMessage holding null. */
    public boolean hasBody() {
        return b.hasBody;
    }

    /** The body's bytes as stored, a new read-only view; empty if there is none. */
    public ByteBuffer body() {
        return b.body.duplicate();
    }

    /** The MIME type, of MQTT 5 or of the native property {@code CONTENT_TYPE}. */
    public @Nullable String contentType() {
        return b.contentType;
    }

    /** MQTT's payload format indicator: 0 bytes, 1 UTF-8 text, {@link #NO_PAYLOAD_FORMAT} not said. */
    public int payloadFormat() {
        return b.payloadFormat;
    }

    /** When it expires, ms since the epoch; 0 never. */
    public long expiresAt() {
        return b.expiresAt;
    }

    /** Not to be delivered before, ms since the epoch; 0 at once. */
    public long deliverAt() {
        return b.deliverAt;
    }

    /** 0 to 9. */
    public int priority() {
        return b.priority;
    }

    /** Messages of one group key keep their order: native sharding key, JMSXGroupID. */
    public @Nullable String groupKey() {
        return b.groupKey;
    }

    /** Whether it survives a restart of the broker. */
    public boolean durable() {
        return b.durable;
    }

    /** The quality of service it was published with, 0 to 2; MQTT subscribers get at most this. */
    public int qos() {
        return b.durable ? b.qos : 0;
    }

    /** Whether MQTT subscribers that come later get it first. */
    public boolean retain() {
        return b.retain;
    }

    /** When its publisher made it, ms since the epoch. */
    public long bornTime() {
        return b.bornTime;
    }

    /** The publisher's address and port, or null if unknown. */
    public @Nullable InetSocketAddress bornHost() {
        return b.bornHost;
    }

    /** JMSType. */
    public @Nullable String jmsType() {
        return b.jmsType;
    }

    /**
     * Who published it, for "no local" and for the order of messages without group key and path: an MQTT client id, a
     * JMS client id or connection id.
     */
    public @Nullable String producer() {
        return b.producer;
    }

    /** How often a native group has handed it back: the native {@code reconsumeTimes}. */
    public int reconsumeTimes() {
        return b.reconsumeTimes;
    }

    /** The native message's flag: the application's own, opaque. */
    public int nativeFlag() {
        return b.nativeFlag;
    }

    /** The native message's sysFlag: compression, transaction type, address families. */
    public int nativeSysFlag() {
        return b.nativeSysFlag;
    }

    /**
     * The property string of a natively published message, as its client sent it and the broker completed it; null for
     * others. {@link NativeProperties} reads and changes it.
     */
    public @Nullable String nativeProperties() {
        return b.nativeProperties;
    }

    /** What an MQTT QoS 2 publisher called it. */
    public @Nullable QosTwoId qosTwoId() {
        return b.qosTwoId;
    }

    /** The application's properties in its order; names may repeat. What has an accessor above is not among them. */
    public List<Property> properties() {
        return properties;
    }

    /** What keeps its place among messages of the same hash: see {@link OrderHash}. */
    public int orderHash() {
        return OrderHash.of(b.groupKey, b.address.path(), b.producer);
    }

    /** The tag's hash as RocketMQ's filter compares it: {@link String#hashCode}; 0 without tag. */
    public int tagHash() {
        return b.tag == null ? 0 : b.tag.hashCode();
    }

    @Override
    public String toString() {
        return "Message[" + b.address + ", id=" + b.id + ", " + b.bodyKind + " of " + b.body.remaining() + " bytes]";
    }

    /** Collects the parts of a {@link Message}. Not safe for use by two threads. */
    public static final class Builder {
        private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

        Origin origin = Origin.BROKER;
        Address address;

        @Nullable
        String id;

        @Nullable
        String keys;

        @Nullable
        String tag;

        byte @Nullable [] correlation;

        @Nullable
        Destination replyTo;

        BodyKind bodyKind = BodyKind.BYTES;
        boolean hasBody = true;
        ByteBuffer body = NOTHING;

        @Nullable
        String contentType;

        int payloadFormat = NO_PAYLOAD_FORMAT;
        long expiresAt;
        long deliverAt;
        int priority = DEFAULT_PRIORITY;

        @Nullable
        String groupKey;

        boolean durable = true;
        int qos = 2;
        boolean retain;
        long bornTime;

        @Nullable
        InetSocketAddress bornHost;

        @Nullable
        String jmsType;

        @Nullable
        String producer;

        int reconsumeTimes;
        int nativeFlag;
        int nativeSysFlag;

        @Nullable
        String nativeProperties;

        @Nullable
        QosTwoId qosTwoId;

        List<Property> properties = List.of();

        private Builder(Address address) {
            this.address = address;
        }

        private Builder(Builder that) {
            origin = that.origin;
            address = that.address;
            id = that.id;
            keys = that.keys;
            tag = that.tag;
            correlation = that.correlation;
            replyTo = that.replyTo;
            bodyKind = that.bodyKind;
            hasBody = that.hasBody;
            body = that.body;
            contentType = that.contentType;
            payloadFormat = that.payloadFormat;
            expiresAt = that.expiresAt;
            deliverAt = that.deliverAt;
            priority = that.priority;
            groupKey = that.groupKey;
            durable = that.durable;
            qos = that.qos;
            retain = that.retain;
            bornTime = that.bornTime;
            bornHost = that.bornHost;
            jmsType = that.jmsType;
            producer = that.producer;
            reconsumeTimes = that.reconsumeTimes;
            nativeFlag = that.nativeFlag;
            nativeSysFlag = that.nativeSysFlag;
            nativeProperties = that.nativeProperties;
            qosTwoId = that.qosTwoId;
            properties = that.properties;
        }

        public Builder origin(Origin value) {
            origin = value;
            return this;
        }

        public Builder address(Address value) {
            address = value;
            return this;
        }

        /** Without JMS's {@code ID:}. */
        public Builder id(@Nullable String value) {
            id = value;
            return this;
        }

        public Builder keys(@Nullable String value) {
            keys = value;
            return this;
        }

        public Builder tag(@Nullable String value) {
            tag = value;
            return this;
        }

        /** Keeps the array: it must not be changed afterwards. */
        public Builder correlation(byte @Nullable [] value) {
            correlation = value;
            return this;
        }

        public Builder replyTo(@Nullable Destination value) {
            replyTo = value;
            return this;
        }

        /** Keeps the array: it must not be changed afterwards. */
        public Builder body(BodyKind kind, byte[] bytes) {
            return body(kind, ByteBuffer.wrap(bytes));
        }

        /** Keeps a view of the buffer's bytes from position to limit: they must not be changed afterwards. */
        public Builder body(BodyKind kind, ByteBuffer bytes) {
            bodyKind = kind;
            hasBody = kind != BodyKind.EMPTY;
            body = hasBody ? bytes.slice().asReadOnlyBuffer() : NOTHING;
            return this;
        }

        /** A text body. */
        public Builder text(String text) {
            return body(BodyKind.TEXT, text.getBytes(StandardCharsets.UTF_8));
        }

        /** A message of a kind without a body: JMS {@code setText(null)}, or {@link BodyKind#EMPTY}. */
        public Builder noBody(BodyKind kind) {
            bodyKind = kind;
            hasBody = false;
            body = NOTHING;
            return this;
        }

        public Builder contentType(@Nullable String value) {
            contentType = value;
            return this;
        }

        /** 0, 1 or {@link #NO_PAYLOAD_FORMAT}. */
        public Builder payloadFormat(int value) {
            if (value < NO_PAYLOAD_FORMAT || value > 1) {
                throw new IllegalArgumentException("payload format " + value);
            }
            payloadFormat = value;
            return this;
        }

        /** Ms since the epoch; 0 never. */
        public Builder expiresAt(long value) {
            expiresAt = Math.max(0, value);
            return this;
        }

        /** Ms since the epoch; 0 at once. */
        public Builder deliverAt(long value) {
            deliverAt = Math.max(0, value);
            return this;
        }

        /** 0 to 9; IllegalArgumentException otherwise. */
        public Builder priority(int value) {
            if (value < 0 || value > 9) {
                throw new IllegalArgumentException("priority " + value + " is not 0 to 9");
            }
            priority = value;
            return this;
        }

        public Builder groupKey(@Nullable String value) {
            groupKey = value;
            return this;
        }

        /** Whether it survives a restart; sets the quality of service to 2 or 0. */
        public Builder durable(boolean value) {
            return qos(value ? 2 : 0);
        }

        /** MQTT's quality of service, 0 to 2; 0 means not durable. */
        public Builder qos(int value) {
            if (value < 0 || value > 2) {
                throw new IllegalArgumentException("quality of service " + value);
            }
            qos = value;
            durable = value > 0;
            return this;
        }

        public Builder retain(boolean value) {
            retain = value;
            return this;
        }

        /** Ms since the epoch. */
        public Builder bornTime(long value) {
            bornTime = value;
            return this;
        }

        public Builder bornHost(@Nullable InetSocketAddress value) {
            bornHost = value;
            return this;
        }

        public Builder jmsType(@Nullable String value) {
            jmsType = value;
            return this;
        }

        public Builder producer(@Nullable String value) {
            producer = value;
            return this;
        }

        public Builder reconsumeTimes(int value) {
            reconsumeTimes = value;
            return this;
        }

        public Builder nativeFlag(int value) {
            nativeFlag = value;
            return this;
        }

        public Builder nativeSysFlag(int value) {
            nativeSysFlag = value;
            return this;
        }

        /**
         * Makes this a native message whose headers and properties are what the string says: it sets every part that
         * {@link NativeProperties#read} finds, and the string itself is stored unchanged.
         */
        public Builder nativeProperties(String value) {
            origin = Origin.NATIVE;
            NativeProperties.read(value, this);
            nativeProperties = value;
            return this;
        }

        /** Makes this an answer to a requester at an address, whatever the native string says of where it was sent. */
        public Builder answerTo(Address requester) {
            address = requester;
            replyTo = null;
            nativeProperties = null;
            return this;
        }

        public Builder qosTwoId(@Nullable QosTwoId value) {
            qosTwoId = value;
            return this;
        }

        /** Replaces the property list. */
        public Builder properties(List<Property> value) {
            properties = List.copyOf(value);
            return this;
        }

        public Message build() {
            return new Message(this);
        }
    }
}
