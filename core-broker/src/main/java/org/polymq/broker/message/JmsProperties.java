/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a message as JMS shows them, and back. Headers (JMSCorrelationID, JMSType...) are not among them.
 */
public final class JmsProperties {
    public static final String KEYS = NativeNames.KEYS;
    public static final String TAGS = NativeNames.TAGS;
    /** The group key. */
    public static final String GROUP_ID = "JMSXGroupID";
    /** An ordinary int property to the broker. */
    public static final String GROUP_SEQUENCE = "JMSXGroupSeq";
    /** True: MQTT subscribers that come later get it first. */
    public static final String RETAIN = "JMS_PolyMQ_Retain";
    /** MQTT's content type. */
    public static final String CONTENT_TYPE = "JMS_PolyMQ_ContentType";

    private JmsProperties() {}

    /**
     * What a JMS consumer reads: KEYS, TAGS, JMSXGroupID, JMS_PolyMQ_Retain and JMS_PolyMQ_ContentType where set, then
     * the application's, with names made legal; of a repeated name the first. JMSXDeliveryCount is the subscription's
     * to add.
     */
    public static List<Property> of(Message message) {
        List<Property> properties = new ArrayList<>(message.properties().size() + 2);
        Set<String> names = new HashSet<>();
        boolean jms = message.origin() == Origin.JMS;
        for (Property property : message.properties()) {
            String name = JmsPropertyNames.escape(property.name(), jms);
            // JMS has no bytes: they are shown in Base64.
            Property shown = property.type() == Property.Type.BYTES
                    ? Property.of(name, property.text())
                    : new Property(name, property.type(), property.value());
            if (!isHeaderCopy(property, message) && names.add(name)) {
                properties.add(shown);
            }
        }
        addIfSet(properties, names, GROUP_ID, message.groupKey());
        addIfSet(properties, names, CONTENT_TYPE, message.contentType());
        addIfSet(properties, names, TAGS, message.tag());
        addIfSet(properties, names, KEYS, message.keys());
        if (message.retain() && names.add(RETAIN)) {
            properties.add(0, Property.of(RETAIN, (Object) true));
        }
        return properties;
    }

    // An MQTT user property JMSType has become the header.
    private static boolean isHeaderCopy(Property property, Message message) {
        return property.name().equals(NativeNames.JMS_TYPE) && property.text().equals(message.jmsType());
    }

    private static void addIfSet(List<Property> properties, Set<String> names, String name, @Nullable String value) {
        if (value != null && names.add(name)) {
            properties.add(0, Property.of(name, value));
        }
    }

    /**
     * Sets what a JMS producer's properties say: keys, tag, group key, retain flag and content type, and the list of
     * the others. Properties of those names with another type stay in the list as well.
     */
    public static void read(List<Property> published, Message.Builder into) {
        into.origin(Origin.JMS);
        List<Property> properties = new ArrayList<>(published.size());
        for (Property property : published) {
            boolean text = property.type() == Property.Type.STRING;
            boolean header = switch (property.name()) {
                case KEYS -> {
                    into.keys(property.text());
                    yield text;
                }
                case TAGS -> {
                    into.tag(property.text());
                    yield text;
                }
                case GROUP_ID -> {
                    into.groupKey(property.text());
                    yield text;
                }
                case CONTENT_TYPE -> {
                    into.contentType(property.text());
                    yield text;
                }
                case RETAIN -> {
                    into.retain(Boolean.parseBoolean(property.text()));
                    yield property.type() == Property.Type.BOOLEAN
                            && property.text().equals("true");
                }
                default -> false;
            };
            if (!header) {
                String name = JmsPropertyNames.unescape(property.name(), true);
                properties.add(new Property(name, property.type(), property.value()));
            }
        }
        into.properties(properties);
    }

    /** A property name of any protocol as JMS shows it; {@code published} is who published the message. */
    public static String escape(String name, Origin published) {
        return JmsPropertyNames.escape(name, published == Origin.JMS);
    }

    /** The inverse of {@link #escape} for names that a JMS program wrote, in a selector for instance. */
    public static String unescape(String name, Origin published) {
        return JmsPropertyNames.unescape(name, published == Origin.JMS);
    }
}
