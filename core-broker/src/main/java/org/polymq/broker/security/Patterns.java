/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Names;

/**
 * Which names a pattern stands for. Wildcards never match system names: a pattern reaches them only with their first
 * level (or beginning) written out. All methods are pure; their time is linear, for {@code *} patterns the product of
 * the lengths.
 */
final class Patterns {
    private Patterns() {}

    /** Whether every name that {@code name} stands for matches the MQTT filter {@code pattern}. */
    static boolean covers(String pattern, String name, boolean isFilter) {
        Levels p = new Levels(pattern);
        Levels n = new Levels(name);
        if (!sameWorld(pattern, name)) {
            return false;
        }
        while (true) {
            String want = p.next();
            String have = n.next();
            if (want == null) {
                return have == null;
            }
            if (want.equals("#")) {
                return true;
            }
            if (have == null) {
                return false;
            }
            boolean rest = isFilter && have.equals("#");
            boolean any = isFilter && have.equals("+");
            if (rest || (!want.equals("+") && (any || !want.equals(have)))) {
                return false;
            }
        }
    }

    /** Whether some name matches both the MQTT filter {@code pattern} and {@code name}. */
    static boolean touches(String pattern, String name, boolean isFilter) {
        if (!isFilter) {
            return covers(pattern, name, false);
        }
        if (!sameWorld(pattern, name) && !sameWorld(name, pattern)) {
            return false;
        }
        Levels p = new Levels(pattern);
        Levels n = new Levels(name);
        while (true) {
            String a = p.next();
            String b = n.next();
            if ("#".equals(a) || "#".equals(b)) {
                return true;
            }
            if (a == null || b == null) {
                return a == null && b == null;
            }
            if (!a.equals("+") && !b.equals("+") && !a.equals(b)) {
                return false;
            }
        }
    }

    /** Whether a name matches a pattern in which {@code *} stands for any characters. */
    static boolean glob(String pattern, String name) {
        if (Names.isSystem(name) && (pattern.isEmpty() || pattern.charAt(0) == '*')) {
            return false;
        }
        int p = 0;
        int n = 0;
        int star = -1;
        int resume = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    // A first level that is a wildcard stands for no system name.
    private static boolean sameWorld(String pattern, String name) {
        boolean wild = pattern.startsWith("+") || pattern.startsWith("#");
        return !wild || !Names.isSystem(new Levels(name).first());
    }

    /** The levels of a name, one after the other. */
    private static final class Levels {
        private final String name;
        private int from;

        private Levels(String name) {
            this.name = name;
        }

        private String first() {
            int slash = name.indexOf('/');
            return slash < 0 ? name : name.substring(0, slash);
        }

        private @Nullable String next() {
            if (from < 0) {
                return null;
            }
            int slash = name.indexOf('/', from);
            String level = slash < 0 ? name.substring(from) : name.substring(from, slash);
            from = slash < 0 ? -1 : slash + 1;
            return level;
        }
    }
}
