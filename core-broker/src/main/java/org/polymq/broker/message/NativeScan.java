/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * One pass over the property string of a native send: where the properties are that the broker acts on. Where a name
 * repeats, its last value counts. Reused from message to message; confined to its lane.
 */
public final class NativeScan {
    private static final byte NAME_END = NativeProperties.NAME_END;
    private static final byte PROPERTY_END = NativeProperties.PROPERTY_END;

    private static final byte[] KEYS = ascii(NativeNames.KEYS);
    private static final byte[] TAGS = ascii(NativeNames.TAGS);
    private static final byte[] DELAY = ascii(NativeNames.DELAY);
    private static final byte[] POP_CK = ascii(NativeNames.POP_CK);
    private static final byte[] CLUSTER = ascii(NativeNames.CLUSTER);
    private static final byte[] UNIQ_KEY = ascii(NativeNames.UNIQ_KEY);
    private static final byte[] TRAN_MSG = ascii(NativeNames.TRAN_MSG);
    private static final byte[] MSG_TYPE = ascii(NativeNames.MSG_TYPE);
    private static final byte[] PRIORITY = ascii(NativeNames.PRIORITY);
    private static final byte[] TOPIC_PATH = ascii(NativeNames.TOPIC_PATH);
    private static final byte[] EXPIRES_AT = ascii(NativeNames.EXPIRES_AT);
    private static final byte[] MQTT_RETAIN = ascii(NativeNames.MQTT_RETAIN);
    private static final byte[] SHARDING_KEY = ascii(NativeNames.SHARDING_KEY);
    private static final byte[] PAYLOAD_FORMAT = ascii(NativeNames.PAYLOAD_FORMAT);
    private static final byte[] TIMER_DELAY_MS = ascii(NativeNames.TIMER_DELAY_MS);
    private static final byte[] TIMER_DELAY_SEC = ascii(NativeNames.TIMER_DELAY_SEC);
    private static final byte[] TIMER_DELIVER_MS = ascii(NativeNames.TIMER_DELIVER_MS);
    private static final byte[] START_DELIVER_TIME = ascii(NativeNames.START_DELIVER_TIME);
    private static final byte[] CLIENT_PRIORITY = ascii(NativeNames.CLIENT_PRIORITY);

    byte[] bytes = new byte[512];
    int length;

    // A value's place: start << 32 | length; -1 none.
    private long keys;
    private long tags;
    private long uniqueKey;
    private long shardingKey;
    private long path;
    private boolean cluster;
    private boolean transactional;
    private boolean reply;
    private boolean retain;
    private int payloadFormat;
    private int priority;
    private int delayLevel;
    private long timerDelayMs;
    private long timerDeliverAt;
    private long expiresAt;
    private boolean unreadableDelay;

    /**
     * Scans a string; null is no properties.
     *
     * @throws BrokerException INVALID_MESSAGE if it has more than {@value NativeProperties#MAX_BYTES} bytes;
     *     INVALID_NAME if its TOPIC_PATH is not UTF-8 or holds NUL, + or #
     */
    public NativeScan scan(@Nullable String properties) {
        length = 0;
        if (properties == null) {
            return scanned();
        }
        int chars = properties.length();
        reserve(chars);
        for (int i = 0; i < chars; i++) {
            char c = properties.charAt(i);
            if (c >= 0x80) {
                byte[] encoded = properties.getBytes(StandardCharsets.UTF_8);
                reserve(encoded.length);
                System.arraycopy(encoded, 0, bytes, 0, encoded.length);
                length = encoded.length;
                return scanned();
            }
            bytes[length++] = (byte) c;
        }
        return scanned();
    }

    /** Scans the bytes of a string inside a frame; copies them, does not move the frame's reader index. */
    public NativeScan scan(ByteBuf frame, int index, int count) {
        reserve(count);
        frame.getBytes(index, bytes, 0, count);
        length = count;
        return scanned();
    }

    private void reserve(int count) {
        if (count > NativeProperties.MAX_BYTES) {
            throw new BrokerException(
                    Reason.INVALID_MESSAGE,
                    "native properties of " + count + " bytes exceed the limit of " + NativeProperties.MAX_BYTES);
        }
        if (bytes.length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(count, 2 * bytes.length));
        }
    }

    private NativeScan scanned() {
        keys = tags = uniqueKey = shardingKey = path = -1;
        cluster = transactional = reply = retain = false;
        payloadFormat = Message.NO_PAYLOAD_FORMAT;
        priority = Message.DEFAULT_PRIORITY;
        delayLevel = 0;
        unreadableDelay = false;
        timerDelayMs = timerDeliverAt = expiresAt = 0;
        int start = 0;
        int middle = -1;
        int i = 0;
        while (i <= length) {
            byte b = i == length ? PROPERTY_END : bytes[i];
            if (b == NAME_END && middle < 0) {
                middle = i;
            } else if (b == PROPERTY_END) {
                if (middle >= 0 && is(POP_CK, start, middle - start)) {
                    // A receipt of an earlier delivery: it must not come back as one of this message.
                    int end = Math.min(i + 1, length);
                    System.arraycopy(bytes, end, bytes, start, length - end);
                    length -= end - start;
                    i = start - 1;
                } else if (middle >= 0) {
                    property(start, middle - start, middle + 1, i - middle - 1);
                    start = i + 1;
                } else {
                    start = i + 1;
                }
                middle = -1;
            }
            i++;
        }
        if (path >= 0) {
            checkPath();
        }
        return this;
    }

    private void property(int name, int nameLength, int value, int valueLength) {
        long place = ((long) value << 32) | valueLength;
        switch (nameLength) {
            case 4 -> {
                if (is(KEYS, name, nameLength)) {
                    keys = place;
                } else if (is(TAGS, name, nameLength)) {
                    tags = place;
                }
            }
            case 5 -> {
                if (is(DELAY, name, nameLength)) {
                    delayLevel = (int) Math.min(delay(place), Integer.MAX_VALUE);
                }
            }
            case 7 -> cluster |= is(CLUSTER, name, nameLength);
            case 8 -> {
                if (is(UNIQ_KEY, name, nameLength)) {
                    uniqueKey = place;
                } else if (is(PRIORITY, name, nameLength)) {
                    priority(place);
                } else if (is(TRAN_MSG, name, nameLength)) {
                    transactional = text(place).equalsIgnoreCase("true");
                } else if (is(MSG_TYPE, name, nameLength)) {
                    reply = text(place).equals("reply");
                }
            }
            case 10 -> {
                if (is(TOPIC_PATH, name, nameLength)) {
                    path = place;
                } else if (is(EXPIRES_AT, name, nameLength)) {
                    expiresAt = Math.max(0, number(place));
                }
            }
            case 11 -> {
                if (is(MQTT_RETAIN, name, nameLength)) {
                    retain = number(place) == 1 && valueLength == 1;
                }
            }
            case 13 -> {
                if (is(SHARDING_KEY, name, nameLength)) {
                    shardingKey = place;
                }
            }
            case 14 -> {
                if (is(PAYLOAD_FORMAT, name, nameLength)) {
                    payloadFormat = valueLength == 1 && number(place) >= 0 && number(place) <= 1
                            ? (int) number(place)
                            : Message.NO_PAYLOAD_FORMAT;
                } else if (is(TIMER_DELAY_MS, name, nameLength)) {
                    timerDelayMs = delay(place);
                }
            }
            case 15 -> {
                if (is(TIMER_DELAY_SEC, name, nameLength)) {
                    timerDelayMs = Math.min(delay(place), Long.MAX_VALUE / 2000) * 1000;
                }
            }
            case 16 -> {
                if (is(TIMER_DELIVER_MS, name, nameLength)) {
                    timerDeliverAt = delay(place);
                }
            }
            case 18 -> {
                if (is(CLIENT_PRIORITY, name, nameLength)) {
                    priority(place);
                } else if (is(START_DELIVER_TIME, name, nameLength)) {
                    timerDeliverAt = Math.max(timerDeliverAt, delay(place));
                }
            }
            default -> {
                // The application's own, or RocketMQ's without a meaning here.
            }
        }
    }

    /** A number that says when a message is due; a negative one is none. */
    private long delay(long place) {
        long value = number(place);
        if (value < 0) {
            int start = (int) (place >>> 32);
            boolean negative = (int) place > 1
                    && bytes[start] == '-'
                    && number(((long) (start + 1) << 32) | ((int) place - 1)) >= 0;
            unreadableDelay |= !negative;
        }
        return Math.max(0, value);
    }

    private void priority(long place) {
        long value = number(place);
        if (value >= 0 && value <= 9) {
            priority = (int) value;
        }
    }

    private void checkPath() {
        int start = (int) (path >>> 32);
        int end = start + (int) path;
        boolean plain = true;
        for (int i = start; i < end; i++) {
            byte b = bytes[i];
            plain &= b > 0;
            if (b == 0 || b == '+' || b == '#') {
                throw Names.invalid("property TOPIC_PATH holds " + (b == 0 ? "a NUL" : "the wildcard " + (char) b));
            }
        }
        try {
            if (!plain) {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start));
            }
        } catch (CharacterCodingException e) {
            throw new BrokerException(Reason.INVALID_NAME, "property TOPIC_PATH is not UTF-8", e);
        }
    }

    private boolean is(byte[] name, int start, int count) {
        return Arrays.equals(name, 0, name.length, bytes, start, start + count);
    }

    // Digits only, at most 18; -1 for anything else.
    private long number(long place) {
        int start = (int) (place >>> 32);
        int count = (int) place;
        if (count == 0 || count > 18) {
            return -1;
        }
        long number = 0;
        for (int i = start; i < start + count; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return -1;
            }
            number = 10 * number + (bytes[i] - '0');
        }
        return number;
    }

    private String text(long place) {
        return new String(bytes, (int) (place >>> 32), (int) place, StandardCharsets.UTF_8);
    }

    private @Nullable String textOrNull(long place) {
        return place < 0 ? null : text(place);
    }

    // String.hashCode without the string where the bytes are ASCII.
    private int hash(long place) {
        int hash = 0;
        int start = (int) (place >>> 32);
        for (int i = start; i < start + (int) place; i++) {
            if (bytes[i] < 0) {
                return text(place).hashCode();
            }
            hash = 31 * hash + bytes[i];
        }
        return hash;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The value of TOPIC_PATH, or null. */
    public @Nullable String path() {
        return textOrNull(path);
    }

    public @Nullable String keys() {
        return textOrNull(keys);
    }

    public @Nullable String tags() {
        return textOrNull(tags);
    }

    /** The value of UNIQ_KEY, or null. */
    public @Nullable String uniqueKey() {
        return textOrNull(uniqueKey);
    }

    /** The hash of TAGS, 0 without. */
    public int tagHash() {
        return tags < 0 ? 0 : hash(tags);
    }

    /** See {@link OrderHash}: of the sharding key, else of the path, else 0. */
    public int orderHash() {
        return OrderHash.of(textOrNull(shardingKey), path(), null);
    }

    /** Whether TRAN_MSG is true: a half message. */
    public boolean isTransactional() {
        return transactional;
    }

    /** Whether MSG_TYPE is reply: an answer to a request. */
    public boolean isReply() {
        return reply;
    }

    public boolean isRetain() {
        return retain;
    }

    /** 0 to 9. */
    public int priority() {
        return priority;
    }

    /** DELAY: 1 to 18 are RocketMQ's levels, 0 is none. Not checked against the number of levels. */
    public int delayLevel() {
        return delayLevel;
    }

    /** Whether a property that says when the message is due is no number. */
    public boolean hasUnreadableDelay() {
        return unreadableDelay;
    }

    /** TIMER_DELAY_MS or TIMER_DELAY_SEC in milliseconds, 0 none. */
    public long timerDelayMs() {
        return timerDelayMs;
    }

    /** TIMER_DELIVER_MS or __STARTDELIVERTIME, ms since the epoch, 0 none. */
    public long timerDeliverAt() {
        return timerDeliverAt;
    }

    /** EXPIRES_AT, ms since the epoch, 0 never. */
    public long expiresAt() {
        return expiresAt;
    }

    int payloadFormat() {
        return payloadFormat;
    }

    boolean hasUniqueKey() {
        return uniqueKey >= 0;
    }

    boolean hasCluster() {
        return cluster;
    }

    boolean hasPath() {
        return path >= 0;
    }

    int pathStart() {
        return (int) (path >>> 32);
    }

    int pathLength() {
        return (int) path;
    }

    /** Appends a property; the names and values are the broker's own and short. */
    void append(byte[] name, byte[] value) {
        boolean ended = length == 0 || bytes[length - 1] == PROPERTY_END;
        reserve(length + name.length + value.length + (ended ? 2 : 3));
        if (!ended) {
            bytes[length++] = PROPERTY_END;
        }
        System.arraycopy(name, 0, bytes, length, name.length);
        length += name.length;
        bytes[length++] = NAME_END;
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        bytes[length++] = PROPERTY_END;
    }
}
