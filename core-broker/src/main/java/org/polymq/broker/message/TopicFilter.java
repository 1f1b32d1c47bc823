/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;

/**
 * An MQTT topic filter: levels, {@code +} for one level, {@code #} for the rest (MQTT 4.7). A wildcard in the first
 * level matches no system name ({@code $..}, {@code %RETRY%..}, see {@link Names#isSystem}).
 *
 * <p>Immutable.
 */
public final class TopicFilter {
    private final String text;
    private final boolean wildcards;

    private TopicFilter(String text) {
        this.text = text;
        this.wildcards = text.indexOf('+') >= 0 || text.endsWith("#");
    }

    /**
     * A checked filter, without {@code $share/NAME/} before it.
     *
     * @throws BrokerException INVALID_NAME if it is empty, holds NUL or half a character, is over 65,535 bytes, or has
     *     {@code +} or {@code #} other than as a whole level, or {@code #} other than as the last one
     */
    public static TopicFilter of(String text) {
        check(text);
        return new TopicFilter(text);
    }

    static void check(String text) {
        if (text.isEmpty()) {
            throw Names.invalid("a topic filter is empty");
        }
        Names.checkText(text, "topic filter");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '+' && c != '#') {
                continue;
            }
            boolean begins = i == 0 || text.charAt(i - 1) == '/';
            boolean last = i == text.length() - 1;
            if (!begins || (!last && (c == '#' || text.charAt(i + 1) != '/'))) {
                throw Names.invalid("in topic filter " + Names.quote(text) + " " + c + " is not "
                        + (c == '#' ? "the whole last level" : "a whole level"));
            }
        }
    }

    public String text() {
        return text;
    }

    /** Whether it holds {@code +} or {@code #}; otherwise it matches exactly the name that it is. */
    public boolean hasWildcards() {
        return wildcards;
    }

    /** The first level, or null if that is a wildcard: then topics of many first levels may match. */
    public @Nullable String firstLevel() {
        int slash = text.indexOf('/');
        String first = slash < 0 ? text : text.substring(0, slash);
        return first.equals("+") || first.equals("#") ? null : first;
    }

    /** Whether messages to an address match. */
    public boolean matches(Address address) {
        return matches(address.name());
    }

    /** Whether messages to a canonical name match. */
    public boolean matches(String name) {
        if (!wildcards) {
            return text.equals(name);
        }
        char first = text.charAt(0);
        if ((first == '+' || first == '#') && Names.isSystem(Address.split(name).topic())) {
            return false;
        }
        return match(name);
    }

    // Level by level: f and n stand at the start of a level.
    private boolean match(String name) {
        int f = 0;
        int n = 0;
        while (true) {
            char c = f < text.length() ? text.charAt(f) : '/';
            if (c == '#') {
                return true;
            }
            int nameEnd = end(name, n);
            int filterEnd = end(text, f);
            if (c != '+' && !(filterEnd - f == nameEnd - n && text.regionMatches(f, name, n, nameEnd - n))) {
                return false;
            }
            boolean filterDone = filterEnd == text.length();
            boolean nameDone = nameEnd == name.length();
            if (nameDone) {
                // "a/#" matches "a" as well (MQTT 4.7.1.2).
                return filterDone || (text.length() == filterEnd + 2 && text.endsWith("/#"));
            }
            if (filterDone) {
                return false;
            }
            f = filterEnd + 1;
            n = nameEnd + 1;
        }
    }

    private static int end(String levels, int start) {
        int slash = levels.indexOf('/', start);
        return slash < 0 ? levels.length() : slash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TopicFilter that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
