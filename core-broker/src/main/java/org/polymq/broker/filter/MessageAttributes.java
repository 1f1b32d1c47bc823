/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Correlation;
import org.polymq.broker.message.JmsProperties;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Origin;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.StoredMessage;

/**
 * What a stored message says to a filter, decoded when it is first asked for: make one for all filters that look at a
 * message. Names are those that a JMS application reads. Not safe for several threads at a time.
 */
public final class MessageAttributes implements Attributes {
    private final StoredMessage stored;
    private @Nullable Message message;
    private @Nullable Map<String, Object> properties;

    public MessageAttributes(StoredMessage stored) {
        this.stored = stored;
    }

    @Override
    public boolean looselyTyped() {
        Origin origin = stored.origin();
        return origin == Origin.NATIVE || origin == Origin.MQTT;
    }

    @Override
    public @Nullable Object get(String name) {
        return switch (name) {
            case "JMSPriority" -> stored.priority();
            case "JMSDeliveryMode" -> stored.isDurable() ? "PERSISTENT" : "NON_PERSISTENT";
            case "JMSTimestamp" -> stored.bornTime();
            case "JMSMessageID" ->
                message().id() == null ? null : "ID:" + message().id();
            case "JMSType" -> message().jmsType();
            case "JMSCorrelationID" -> correlation();
            default -> properties().get(name);
        };
    }

    private @Nullable String correlation() {
        byte[] bytes = message().correlation();
        return bytes == null ? null : Correlation.toText(bytes);
    }

    private Message message() {
        Message loaded = message;
        if (loaded == null) {
            loaded = stored.toHeaders();
            message = loaded;
        }
        return loaded;
    }

    private Map<String, Object> properties() {
        Map<String, Object> loaded = properties;
        if (loaded == null) {
            loaded = new HashMap<>();
            for (Property property : JmsProperties.of(message())) {
                loaded.put(property.name(), property.value());
            }
            properties = loaded;
        }
        return loaded;
    }
}
