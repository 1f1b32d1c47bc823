/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.TopicFilter;

/**
 * One entry of a topic list: what is taken, and what it is called on the other side. All names are MQTT names;
 * {@code $queue/NAME} is a queue.
 *
 * @param from the topic, filter or queue that is taken
 * @param cut the beginning that a taken name loses
 * @param put the beginning that it gets instead
 */
record Route(Destination from, Destination cut, Destination put) {
    private static final String TREE = "/#";

    /**
     * Reads an entry.
     *
     * @param entry {@code NAME} or {@code TAKEN=GIVEN}
     * @param takenPrefix before the names where they are taken
     * @param givenPrefix before the names where they are given
     */
    static Route parse(String entry, String takenPrefix, String givenPrefix) {
        int equals = entry.indexOf('=');
        String taken = equals < 0 ? entry : entry.substring(0, equals).strip();
        String given = equals < 0 ? entry : entry.substring(equals + 1).strip();
        Destination from = prefixed(takenPrefix, taken);
        check(from, entry);
        if (equals < 0) {
            return new Route(from, prefixed(takenPrefix, kindOnly(taken)), prefixed(givenPrefix, kindOnly(given)));
        }
        if (taken.endsWith(TREE) != given.endsWith(TREE)) {
            throw invalid("in '" + entry + "' only one side ends with " + TREE);
        }
        Destination cut = prefixed(takenPrefix, withoutTree(taken));
        Destination put = prefixed(givenPrefix, withoutTree(given));
        if (hasWildcard(cut.name()) || hasWildcard(put.name())) {
            throw invalid("'" + entry + "' renames names with + or #: only a whole tree, a/#=b/#, can be renamed");
        }
        check(put, entry);
        return new Route(from, cut, put);
    }

    /** What a taken name is called on the other side. */
    Destination map(Destination taken) {
        String rest = taken.name().startsWith(cut.name())
                ? taken.name().substring(cut.name().length())
                : taken.name();
        return new Destination(put.kind(), put.name() + rest);
    }

    /** Whether something that goes out by this route could come in by another one. */
    boolean meets(Route in) {
        String[] given = map(from).mqttName().split("/", -1);
        String[] taken = in.from.mqttName().split("/", -1);
        for (int level = 0; level < given.length && level < taken.length; level++) {
            String one = given[level];
            String other = taken[level];
            if (one.equals("#") || other.equals("#")) {
                return true;
            }
            if (!one.equals(other) && !one.equals("+") && !other.equals("+")) {
                return false;
            }
        }
        // "a/#" is "a" as well.
        return given.length == taken.length || endsBehind(given, taken) || endsBehind(taken, given);
    }

    private static boolean endsBehind(String[] longer, String[] shorter) {
        return longer.length == shorter.length + 1 && longer[shorter.length].equals("#");
    }

    /** The native topic that holds everything of this entry, or the name itself; for a remote without filters. */
    boolean hasWildcards() {
        return hasWildcard(from.name());
    }

    private static Destination prefixed(String prefix, String name) {
        Destination plain = Destination.ofMqttName(name);
        return new Destination(plain.kind(), prefix + plain.name());
    }

    private static String kindOnly(String name) {
        return Destination.ofMqttName(name).kind().isQueue()
                ? Destination.queue("").mqttName()
                : "";
    }

    private static String withoutTree(String name) {
        return name.endsWith(TREE) ? name.substring(0, name.length() - TREE.length()) : name;
    }

    private static boolean hasWildcard(String name) {
        return name.indexOf('+') >= 0 || name.indexOf('#') >= 0;
    }

    private static void check(Destination place, String entry) {
        if (place.kind().isTemporary()) {
            throw invalid("'" + entry + "' names a temporary destination");
        }
        if (place.kind().isQueue()) {
            Names.ofQueue(place.name());
        } else if (hasWildcard(place.name())) {
            TopicFilter.of(place.name());
        } else {
            Names.ofMqtt(place.name());
        }
        if (place.kind() == Destination.Kind.TOPIC
                && Names.isSystem(Address.split(place.name()).topic())) {
            throw invalid("'" + entry + "' names a topic of the broker's own");
        }
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_NAME, what);
    }
}
