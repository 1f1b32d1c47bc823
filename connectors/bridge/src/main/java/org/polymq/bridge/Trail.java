/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.util.ArrayList;
import java.util.List;
import org.polymq.bridge.remote.Outbound;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.Property;

/**
 * Where a message has been, as a property that every protocol carries: hops separated by spaces. A hop is a broker's
 * origin, and for a message that came in over a bridge {@code /} and the remote's id. So no bridge takes a message that
 * was here before, or sends one back where it came from.
 */
record Trail(List<String> hops) {
    private static final Trail EMPTY = new Trail(List.of());

    Trail {
        hops = List.copyOf(hops);
    }

    static Trail of(Message message) {
        for (Property property : message.properties()) {
            if (property.name().equals(Outbound.TRAIL)) {
                return parse(property.text());
            }
        }
        return EMPTY;
    }

    static Trail parse(String text) {
        List<String> hops = new ArrayList<>();
        for (String hop : text.split(" ", -1)) {
            if (!hop.isEmpty()) {
                hops.add(hop);
            }
        }
        return new Trail(hops);
    }

    /** Whether the message was at a broker. */
    boolean passed(String origin) {
        return hops.stream().anyMatch(hop -> hop.equals(origin) || hop.startsWith(origin + '/'));
    }

    /** Whether the message has left a broker and is there again. */
    boolean cameRound(String origin) {
        return passed(origin) && !hops.get(hops.size() - 1).startsWith(origin + '/');
    }

    /** Whether the message was at a broker, where all brokers are called by everybody what they call themselves. */
    boolean visited(String broker) {
        return passed(broker) || hops.stream().anyMatch(hop -> hop.endsWith('/' + broker));
    }

    /** Whether the message came to a broker from a remote. */
    boolean cameFrom(String origin, String remote) {
        return hops.contains(hop(origin, remote));
    }

    Trail and(String hop) {
        List<String> more = new ArrayList<>(hops);
        more.add(hop);
        return new Trail(more);
    }

    static String hop(String origin, String remote) {
        return origin + '/' + remote;
    }

    String text() {
        return String.join(" ", hops);
    }

    /** The message with this as its trail. */
    Message.Builder on(Message message) {
        List<Property> properties = new ArrayList<>(message.properties());
        properties.removeIf(property -> property.name().equals(Outbound.TRAIL));
        properties.add(Property.of(Outbound.TRAIL, text()));
        Message.Builder marked = message.toBuilder();
        String raw = message.nativeProperties();
        if (raw != null) {
            marked.nativeProperties(NativeProperties.with(raw, Outbound.TRAIL, text()));
        }
        return marked.properties(properties);
    }
}
