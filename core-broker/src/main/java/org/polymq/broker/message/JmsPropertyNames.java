/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.Locale;
import java.util.Set;

/**
 * Makes any property name one that JMS allows, and back. What a Java identifier cannot hold is {@code _xHHHH_} (one
 * UTF-16 unit in upper-case hexadecimal); reserved words of selectors and names that begin with {@code JMS} get their
 * first letter so; the empty name is {@code _x_}; a {@code _x} in a name that needs any of this is {@code _x005F_x}.
 *
 * <p>Both directions are total. {@code unescape(escape(n))} is {@code n} for any name, {@code escape(unescape(n))} is
 * {@code n} for any name JMS allows.
 */
final class JmsPropertyNames {
    private static final String EMPTY = "_x_";
    private static final Set<String> RESERVED =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private JmsPropertyNames() {}

    /** @param jms whether the publisher spoke JMS: then names that begin with JMS are its own doing */
    static String escape(String name, boolean jms) {
        return isAllowed(name, jms)
                        && (name.indexOf("_x") < 0 || unescape(name, jms).equals(name))
                ? name
                : write(name, jms);
    }

    static String unescape(String name, boolean jms) {
        if (name.indexOf("_x") < 0) {
            return name;
        }
        String plain = read(name);
        return !plain.equals(name)
                        && write(plain, jms).equals(name)
                        && (!isAllowed(plain, jms) || !unescape(plain, jms).equals(plain))
                ? plain
                : name;
    }

    private static boolean isAllowed(String name, boolean jms) {
        if (name.isEmpty() || !Character.isJavaIdentifierStart(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            if (!isPart(name.charAt(i))) {
                return false;
            }
        }
        return !isTaken(name, jms);
    }

    private static boolean isTaken(String name, boolean jms) {
        return (!jms && name.startsWith("JMS") && !name.equals(JmsProperties.GROUP_SEQUENCE))
                || (name.length() <= 7 && RESERVED.contains(name.toUpperCase(Locale.ROOT)));
    }

    // Ignorable characters (NUL and other controls) are identifier parts to Java, but nobody can type them.
    private static boolean isPart(char c) {
        return Character.isJavaIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
    }

    private static String write(String name, boolean jms) {
        if (name.isEmpty()) {
            return EMPTY;
        }
        boolean taken = isTaken(name, jms);
        StringBuilder out = new StringBuilder(name.length() + 16);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean legal = i == 0 ? !taken && Character.isJavaIdentifierStart(c) : isPart(c);
            boolean looksLikeCode = c == '_' && i + 1 < name.length() && name.charAt(i + 1) == 'x';
            if (legal && !looksLikeCode) {
                out.append(c);
            } else {
                out.append(String.format("_x%04X_", (int) c));
            }
        }
        return out.toString();
    }

    private static String read(String name) {
        if (name.equals(EMPTY)) {
            return "";
        }
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            int unit = codeAt(name, i);
            if (unit < 0) {
                out.append(name.charAt(i));
            } else {
                out.append((char) unit);
                i += 6;
            }
        }
        return out.toString();
    }

    private static int codeAt(String name, int i) {
        if (!name.startsWith("_x", i) || i + 6 >= name.length() || name.charAt(i + 6) != '_') {
            return -1;
        }
        int unit = 0;
        for (int n = i + 2; n < i + 6; n++) {
            char c = name.charAt(n);
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
            if (digit < 0) {
                return -1;
            }
            unit = (unit << 4) | digit;
        }
        return unit;
    }
}
