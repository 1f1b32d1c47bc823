/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Translates names between the protocols. The MQTT name is canonical: levels separated by {@code /}.
 *
 * <p>What is not allowed is refused with {@link Reason#INVALID_NAME}. All methods are pure.
 */
public final class Names {
    /** The longest native topic name, in characters. */
    public static final int MAX_NATIVE = 127;
    /** The longest canonical name, in bytes of UTF-8 (MQTT 1.5.4). */
    public static final int MAX_BYTES = 65_535;

    private Names() {}

    /**
     * The address of an MQTT topic name one publishes to.
     *
     * @throws BrokerException INVALID_NAME if it is empty, holds NUL, {@code +} or {@code #} or an unpaired surrogate,
     *     is over 65,535 bytes, or its first level is over {@value #MAX_NATIVE} characters in native form
     */
    public static Address ofMqtt(String name) {
        return checked(Address.split(name), name);
    }

    /** The address of a JMS topic name, for publishing or for a subscription without wildcards; refuses wildcards. */
    public static Address ofJms(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '*' || c == '>') {
                throw invalid("topic name " + quote(name) + " holds the wildcard " + c + ": write it "
                        + (c == '*' ? "%2A" : "%3E"));
            }
        }
        return ofMqtt(JmsNames.toMqtt(name));
    }

    /** The JMS topic name of an address. */
    public static String toJms(Address address) {
        return JmsNames.ofMqtt(address.name());
    }

    /**
     * The MQTT filter of a JMS topic name one subscribes to: {@code *} as a level becomes {@code +}, {@code >} as the
     * last level becomes {@code #}.
     */
    public static String jmsToFilter(String name) {
        String filter = JmsNames.toFilter(name);
        TopicFilter.check(filter);
        return filter;
    }

    /**
     * The address of a native topic and its message's {@code TOPIC_PATH}.
     *
     * @param topic as the client wrote it
     * @param path the value of TOPIC_PATH, or null if the message has none
     */
    public static Address ofNative(String topic, @Nullable String path) {
        Address address = new Address(levelOfNative(topic), path);
        return path == null && !address.topic().isEmpty() ? address : checked(address, address.name());
    }

    /** The first level or queue name that a native topic stands for, where no single message is meant. */
    public static String levelOfNative(String topic) {
        checkNative(topic);
        return NativeTopics.decode(topic);
    }

    /** The native topic of a first level or queue name; refuses what is longer than {@value #MAX_NATIVE}. */
    public static String toNative(String level) {
        String topic = NativeTopics.encode(level);
        if (topic.length() > MAX_NATIVE) {
            throw invalid("the native form of " + quote(level) + " has " + topic.length() + " characters, more than "
                    + MAX_NATIVE);
        }
        return topic;
    }

    /** Checks a native topic name: 1 to 127 characters of {@code A-Z a-z 0-9 _ - | %}. */
    public static void checkNative(String topic) {
        if (topic.isEmpty() || topic.length() > MAX_NATIVE) {
            throw invalid(
                    "native topic " + quote(topic) + " has " + topic.length() + " characters, not 1 to " + MAX_NATIVE);
        }
        for (int i = 0; i < topic.length(); i++) {
            if (!NativeTopics.isPlain(topic.charAt(i)) && topic.charAt(i) != '%') {
                throw invalid("native topic " + quote(topic) + " holds " + quote(topic.substring(i, i + 1))
                        + "; allowed are letters, digits, _ - | and %");
            }
        }
    }

    /** Checks a queue's name: one level, taken as it is by every protocol. Returns its address. */
    public static Address ofQueue(String name) {
        if (name.indexOf('/') >= 0) {
            throw invalid("queue name " + quote(name) + " holds a /: a queue's name is one level");
        }
        if (name.isEmpty()) {
            throw invalid("a queue's name is empty");
        }
        return checked(Address.of(name), name);
    }

    /**
     * Whether a name belongs to the broker or to RocketMQ: {@code %RETRY%..}, {@code %DLQ%..}, {@code RMQ_SYS_..},
     * reply topics, {@code $..}. Such names match no wildcard.
     *
     * @param level a first level or queue name
     */
    public static boolean isSystem(String level) {
        if (level.isEmpty()) {
            return false;
        }
        return switch (level.charAt(0)) {
            case '$' -> true;
            case '%' -> NativeTopics.systemPrefix(level) > 0;
            case 'R' -> level.startsWith("RMQ_SYS_") || level.endsWith("_REPLY_TOPIC");
            case 'r' -> level.startsWith("rmq_sys_") || level.endsWith("_REPLY_TOPIC");
            case 'S' ->
                level.equals("SCHEDULE_TOPIC_XXXX")
                        || level.equals("SELF_TEST_TOPIC")
                        || level.endsWith("_REPLY_TOPIC");
            case 'T' ->
                level.equals("TBW102") || level.equals("TRANS_CHECK_MAX_TIME_TOPIC") || level.endsWith("_REPLY_TOPIC");
            case 'O' -> level.equals("OFFSET_MOVED_EVENT") || level.endsWith("_REPLY_TOPIC");
            default -> level.endsWith("_REPLY_TOPIC");
        };
    }

    private static Address checked(Address address, String name) {
        if (name.isEmpty()) {
            throw invalid("a topic name is empty");
        }
        checkText(name, "topic name");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '+' || c == '#') {
                throw invalid("topic name " + quote(name) + " holds the wildcard " + c);
            }
        }
        toNative(address.topic());
        return address;
    }

    /** Refuses NUL, unpaired surrogates and more than {@value #MAX_BYTES} bytes. */
    static void checkText(String text, String what) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw invalid(what + " " + quote(text) + " holds a NUL");
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw invalid(what + " " + quote(text) + " holds half a character");
                }
                i++;
                bytes += 4;
            } else {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }
        if (bytes > MAX_BYTES) {
            throw invalid(what + " of " + bytes + " bytes, more than " + MAX_BYTES);
        }
    }

    static BrokerException invalid(String message) {
        return new BrokerException(Reason.INVALID_NAME, message);
    }

    /** A name for a message of an error: cut, without control characters. */
    static String quote(String text) {
        String cut = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return '"' + cut.replaceAll("\\p{Cntrl}", "?") + '"';
    }
}
