/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user properties of a message as MQTT 5 shows them, and back. Order and repetitions are kept (MQTT 5, 3.3.2.3.7).
 */
public final class MqttProperties {
    private MqttProperties() {}

    /** Takes one user property. */
    @FunctionalInterface
    public interface Visitor {
        void property(String name, String value);
    }

    /** Visits what an MQTT subscriber gets: KEYS, TAGS and JMSType where set, then the application's as text. */
    public static void forEach(Message message, Visitor visitor) {
        header(message, NativeNames.KEYS, message.keys(), visitor);
        header(message, NativeNames.TAGS, message.tag(), visitor);
        header(message, NativeNames.JMS_TYPE, message.jmsType(), visitor);
        for (Property property : message.properties()) {
            visitor.property(property.name(), property.text());
        }
    }

    // A publisher that wrote the header as a user property finds it in its own place.
    private static void header(Message message, String name, @Nullable String value, Visitor visitor) {
        if (value == null) {
            return;
        }
        for (Property property : message.properties()) {
            if (property.name().equals(name) && property.text().equals(value)) {
                return;
            }
        }
        visitor.property(name, value);
    }

    /**
     * Sets what an MQTT publisher's user properties say: the first KEYS, TAGS and JMSType become keys, tag and JMSType;
     * all stay in the list.
     *
     * @param published of type STRING
     */
    public static void read(List<Property> published, Message.Builder into) {
        into.origin(Origin.MQTT).properties(published);
        for (int i = published.size() - 1; i >= 0; i--) {
            Property property = published.get(i);
            switch (property.name()) {
                case NativeNames.KEYS -> into.keys(property.text());
                case NativeNames.TAGS -> into.tag(property.text());
                case NativeNames.JMS_TYPE -> into.jmsType(property.text());
                default -> {
                    // The application's own.
                }
            }
        }
    }
}
