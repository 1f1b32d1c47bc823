/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the native property string of a message that was not published natively, and notes what the string could not
 * hold as it is, so that the record's extension can.
 */
final class NativePropertiesWriter {
    // Left for PROPERTIES_CUT itself.
    private static final int CUT_BYTES = 1024;

    private final Message message;
    private final Utf8Buffer out = new Utf8Buffer();
    private final StringBuilder types = new StringBuilder();
    private final List<String> cut = new ArrayList<>();

    boolean pathExact = true;
    boolean idExact = true;
    boolean keysExact = true;
    boolean tagExact = true;
    boolean correlationExact = true;
    boolean replyToExact = true;
    boolean groupKeyExact = true;
    boolean jmsTypeExact = true;
    boolean contentTypeExact = true;
    boolean propertiesExact = true;
    int pathOffset = -1;
    int pathLength;

    private NativePropertiesWriter(Message message) {
        this.message = message;
    }

    static NativePropertiesWriter write(Message message, @Nullable String id, String clusterName) {
        NativePropertiesWriter writer = new NativePropertiesWriter(message);
        writer.headers(id, clusterName);
        writer.application();
        writer.end();
        return writer;
    }

    byte[] bytes() {
        return out.bytes();
    }

    private void headers(@Nullable String id, String clusterName) {
        String path = message.address().path();
        if (path != null) {
            int start = out.length();
            pathExact = put(NativeNames.TOPIC_PATH, path);
            if (pathExact) {
                pathOffset = start + NativeNames.TOPIC_PATH.length() + 1;
                pathLength = out.length() - 1 - pathOffset;
            }
        }
        idExact = putIfSet(NativeNames.UNIQ_KEY, id);
        keysExact = putIfSet(NativeNames.KEYS, message.keys());
        tagExact = putIfSet(NativeNames.TAGS, message.tag());
        byte[] correlation = message.correlation();
        if (correlation != null) {
            correlationExact = put(NativeNames.CORRELATION_ID, Correlation.toNativeText(correlation));
        }
        Destination replyTo = message.replyTo();
        if (replyTo != null) {
            replyTo(replyTo, clusterName);
        }
        if (message.expiresAt() > 0) {
            put(NativeNames.EXPIRES_AT, Long.toString(message.expiresAt()));
        }
        if (message.deliverAt() > 0) {
            put(NativeNames.TIMER_DELIVER_MS, Long.toString(message.deliverAt()));
        }
        if (message.priority() != Message.DEFAULT_PRIORITY) {
            put(NativeNames.PRIORITY, Integer.toString(message.priority()));
            put(NativeNames.CLIENT_PRIORITY, Integer.toString(message.priority()));
        }
        groupKeyExact = putIfSet(NativeNames.SHARDING_KEY, message.groupKey());
        if (message.retain()) {
            put(NativeNames.MQTT_RETAIN, "1");
        }
        contentTypeExact = putIfSet(NativeNames.CONTENT_TYPE, message.contentType());
        if (message.payloadFormat() != Message.NO_PAYLOAD_FORMAT) {
            put(NativeNames.PAYLOAD_FORMAT, Integer.toString(message.payloadFormat()));
        }
        jmsTypeExact = putIfSet(NativeNames.JMS_TYPE, message.jmsType());
    }

    private void replyTo(Destination replyTo, String clusterName) {
        String client = replyTo.nativeClientId();
        String name = replyTo.mqttName();
        replyToExact = put(NativeNames.REPLY_TO_CLIENT, client == null ? NativeNames.ADDRESS_PREFIX + name : client)
                && Destination.ofMqttName(name).equals(replyTo)
                && (client == null || !client.startsWith(NativeNames.ADDRESS_PREFIX));
        put(NativeNames.CLUSTER, clusterName);
        // An answer lives as long as its request; one to a request that does not expire, for ever.
        if (message.expiresAt() > message.bornTime() && message.bornTime() > 0) {
            put(NativeNames.TTL, Long.toString(message.expiresAt() - message.bornTime()));
        }
    }

    private void application() {
        Set<String> names = new HashSet<>();
        boolean keysSeen = false;
        boolean tagSeen = false;
        boolean typeSeen = false;
        for (Property property : message.properties()) {
            String name = property.name();
            // A publisher that wrote a header among its properties finds it there again, in its place.
            if (!keysSeen && name.equals(NativeNames.KEYS) && property.text().equals(message.keys())) {
                keysSeen = true;
                propertiesExact = false;
                continue;
            }
            if (!tagSeen && name.equals(NativeNames.TAGS) && property.text().equals(message.tag())) {
                tagSeen = true;
                propertiesExact = false;
                continue;
            }
            if (!typeSeen
                    && name.equals(NativeNames.JMS_TYPE)
                    && property.text().equals(message.jmsType())) {
                typeSeen = true;
                propertiesExact = false;
                continue;
            }
            property(property, names);
        }
    }

    private void property(Property property, Set<String> names) {
        String name = property.name();
        boolean reserved = NativeNames.isReserved(name);
        if (reserved && !(message.origin() == Origin.BROKER && NativeNames.isDeadLetters(name))) {
            name = NativeNames.USER_PREFIX + name;
            propertiesExact = false;
        }
        // A map holds one value per name: the first one said.
        if (!names.add(name)) {
            propertiesExact = false;
            return;
        }
        int before = types.length();
        if (property.type() != Property.Type.STRING) {
            boolean plain = name.indexOf(',') < 0 && !hasControls(name);
            propertiesExact &= plain;
            if (plain) {
                types.append(before == 0 ? "" : ",").append(name).append(':').append(property.type().word);
            }
        }
        if (!fits(name, property.text())) {
            types.setLength(before);
            cut.add(property.name());
            propertiesExact = false;
            return;
        }
        propertiesExact &= put(name, property.text());
    }

    private boolean fits(String name, String value) {
        long size = (long) out.length()
                + Utf8Buffer.length(escape(name))
                + Utf8Buffer.length(escape(value))
                + 2
                + (types.length() == 0 ? 0 : Utf8Buffer.length(types) + NativeNames.JMS_TYPES.length() + 2);
        return size <= NativeProperties.MAX_BYTES - CUT_BYTES;
    }

    private void end() {
        if (types.length() > 0) {
            out.property(NativeNames.JMS_TYPES, types);
        }
        if (!cut.isEmpty()) {
            StringBuilder names = new StringBuilder();
            int room = CUT_BYTES - NativeNames.PROPERTIES_CUT.length() - 2 - 4;
            for (String name : cut) {
                String escaped = escape(name);
                room -= Utf8Buffer.length(escaped) + 1;
                if (room < 0) {
                    names.append(names.length() == 0 ? "..." : ",...");
                    break;
                }
                names.append(names.length() == 0 ? "" : ",").append(escaped);
            }
            out.property(NativeNames.PROPERTIES_CUT, names);
        }
    }

    private boolean putIfSet(String name, @Nullable String value) {
        return value == null || put(name, value);
    }

    /** Whether the property is in the string exactly as it is. */
    private boolean put(String name, String value) {
        if (!fits(name, value)) {
            cut.add(name);
            return false;
        }
        String escapedName = escape(name);
        String escapedValue = escape(value);
        out.property(escapedName, escapedValue);
        return escapedName.equals(name) && escapedValue.equals(value);
    }

    /** Control characters as {@code \\u0001}: a value must not end itself or its neighbours. */
    static String escape(String text) {
        if (!hasControls(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                out.append(String.format("\\u%04X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static boolean hasControls(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** Collects the string's bytes. */
    private static final class Utf8Buffer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

        void property(CharSequence name, CharSequence value) {
            bytes.writeBytes(name.toString().getBytes(StandardCharsets.UTF_8));
            bytes.write(NativeProperties.NAME_END);
            bytes.writeBytes(value.toString().getBytes(StandardCharsets.UTF_8));
            bytes.write(NativeProperties.PROPERTY_END);
        }

        int length() {
            return bytes.size();
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        static int length(CharSequence text) {
            int length = 0;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
            }
            return length;
        }
    }
}
