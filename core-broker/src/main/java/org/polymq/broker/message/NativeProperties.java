/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the property string of a native message: {@code name U+0001 value U+0002 ...}. Where a name repeats its last
 * value counts, as for RocketMQ's clients; an entry without U+0001 is none.
 *
 * <p>{@link NativePropertiesWriter} is the other direction.
 */
public final class NativeProperties {
    /** Ends a name. */
    public static final char NAME_END = '\u0001';
    /** Ends a property. */
    public static final char PROPERTY_END = '\u0002';
    /** The longest property string in bytes. */
    public static final int MAX_BYTES = 32_767;

    private NativeProperties() {}

    /** Takes one property of a string. */
    @FunctionalInterface
    public interface Visitor {
        void property(String name, String value);
    }

    /** Visits all properties in order. */
    public static void forEach(String properties, Visitor visitor) {
        int start = 0;
        while (start < properties.length()) {
            int end = properties.indexOf(PROPERTY_END, start);
            if (end < 0) {
                end = properties.length();
            }
            int middle = properties.indexOf(NAME_END, start);
            if (middle >= 0 && middle < end) {
                visitor.property(properties.substring(start, middle), properties.substring(middle + 1, end));
            }
            start = end + 1;
        }
    }

    /** All properties by name, in the order of their first appearance. */
    public static Map<String, String> toMap(String properties) {
        Map<String, String> map = new LinkedHashMap<>();
        forEach(properties, map::put);
        return map;
    }

    /** The value of a property, or null. */
    public static @Nullable String get(String properties, String name) {
        String[] found = new String[1];
        forEach(properties, (n, value) -> {
            if (n.equals(name)) {
                found[0] = value;
            }
        });
        return found[0];
    }

    /**
     * The string with this as its only property of that name, at the end.
     *
     * @throws IllegalArgumentException if name or value contain U+0001 or U+0002
     */
    public static String with(String properties, String name, String value) {
        if (hasSeparator(name) || hasSeparator(value)) {
            throw new IllegalArgumentException("a separator inside native property " + name);
        }
        return without(properties, name) + name + NAME_END + value + PROPERTY_END;
    }

    /** The string without the properties of that name. Ends with U+0002 unless empty. */
    public static String without(String properties, String name) {
        StringBuilder out = new StringBuilder(properties.length() + 1);
        forEach(properties, (n, value) -> {
            if (!n.equals(name)) {
                out.append(n).append(NAME_END).append(value).append(PROPERTY_END);
            }
        });
        return out.toString();
    }

    /** A text as it can be a value: control characters are written {@code \\u0001}. */
    public static String plain(String text) {
        return NativePropertiesWriter.escape(text);
    }

    private static boolean hasSeparator(String text) {
        return text.indexOf(NAME_END) >= 0 || text.indexOf(PROPERTY_END) >= 0;
    }

    /**
     * Sets the parts of a message that a native property string speaks of: path, id, keys, tag, correlation, reply-to,
     * expiry, delivery time, priority, group key, retain flag, content type, payload format, JMS type and the
     * application's properties. RocketMQ's own properties do not become the application's. A value that is not what its
     * name promises stays an application's property.
     */
    public static void read(String properties, Message.Builder into) {
        new Reader(into).read(properties);
    }

    private static final class Reader {
        private final Message.Builder into;
        private final List<Property> application = new ArrayList<>();
        private String types = "";
        private @Nullable String replyTo;

        Reader(Message.Builder into) {
            this.into = into;
        }

        void read(String properties) {
            forEach(properties, (name, value) -> {
                if (!header(name, value) && !NativeNames.isHidden(name)) {
                    application.add(Property.of(name, value));
                }
            });
            if (replyTo != null) {
                into.replyTo(replyTo(replyTo));
            }
            if (!types.isEmpty()) {
                applyTypes();
            }
            into.properties(application);
        }

        private boolean header(String name, String value) {
            switch (name) {
                case NativeNames.TOPIC_PATH -> into.address(new Address(into.address.topic(), value));
                case NativeNames.UNIQ_KEY -> into.id(value);
                case NativeNames.KEYS -> into.keys(value);
                case NativeNames.TAGS -> into.tag(value);
                case NativeNames.CORRELATION_ID -> into.correlation(Correlation.ofNativeText(value));
                case NativeNames.REPLY_TO_CLIENT -> replyTo = value;
                case NativeNames.SHARDING_KEY -> into.groupKey(value);
                case NativeNames.JMS_TYPE -> into.jmsType(value);
                case NativeNames.JMS_TYPES -> types = value;
                case NativeNames.CONTENT_TYPE -> into.contentType(value);
                case NativeNames.EXPIRES_AT -> {
                    long time = number(value);
                    into.expiresAt(time);
                    return time >= 0;
                }
                case NativeNames.TIMER_DELIVER_MS -> into.deliverAt(number(value));
                case NativeNames.PRIORITY, NativeNames.CLIENT_PRIORITY -> {
                    long priority = number(value);
                    if (priority < 0 || priority > 9) {
                        return false;
                    }
                    into.priority((int) priority);
                }
                case NativeNames.MQTT_RETAIN -> {
                    if (!value.equals("0") && !value.equals("1")) {
                        return false;
                    }
                    into.retain(value.equals("1"));
                }
                case NativeNames.PAYLOAD_FORMAT -> {
                    if (!value.equals("0") && !value.equals("1")) {
                        return false;
                    }
                    into.payloadFormat(value.equals("1") ? 1 : 0);
                }
                default -> {
                    return false;
                }
            }
            return true;
        }

        // JMS_TYPES is name:type,name:type; a name never holds a colon or comma there.
        private void applyTypes() {
            Map<String, Property.Type> byName = new LinkedHashMap<>();
            for (String entry : types.split(",", -1)) {
                int colon = entry.lastIndexOf(':');
                Property.Type type = colon < 0 ? null : Property.Type.ofWord(entry.substring(colon + 1));
                if (type != null) {
                    byName.put(entry.substring(0, colon), type);
                }
            }
            application.replaceAll(property -> {
                Property.Type type = byName.get(property.name());
                Property typed = type == null ? null : Property.parse(property.name(), type, property.text());
                return typed == null ? property : typed;
            });
        }
    }

    /** What the value of REPLY_TO_CLIENT means: an address of another protocol, or a native client. */
    public static Destination replyTo(String value) {
        return value.startsWith(NativeNames.ADDRESS_PREFIX)
                ? Destination.ofMqttName(value.substring(NativeNames.ADDRESS_PREFIX.length()))
                : Destination.nativeClient(value);
    }

    /** The number a text is, or -1 if it is none or negative. */
    public static long number(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + (c - '0');
        }
        return number;
    }
}
