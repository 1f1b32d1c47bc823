/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

/**
 * JMS topic names: {@code .} stands for MQTT's {@code /}; inside a level {@code . % * >} are {@code %2E %25 %2A %3E}. A
 * {@code %} that starts none of these stands for itself, and {@code /} is a separator as well.
 */
final class JmsNames {
    private JmsNames() {}

    static String ofMqtt(String name) {
        StringBuilder out = new StringBuilder(name.length() + 8);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            switch (c) {
                case '/' -> out.append('.');
                case '.' -> out.append("%2E");
                case '%' -> out.append("%25");
                case '*' -> out.append("%2A");
                case '>' -> out.append("%3E");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    /** Total: whether the result is a name is the caller's question. */
    static String toMqtt(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                out.append('/');
            } else if (c == '%' && name.startsWith("%2E", i)) {
                out.append('.');
                i += 2;
            } else if (c == '%' && name.startsWith("%25", i)) {
                out.append('%');
                i += 2;
            } else if (c == '%' && name.startsWith("%2A", i)) {
                out.append('*');
                i += 2;
            } else if (c == '%' && name.startsWith("%3E", i)) {
                out.append('>');
                i += 2;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    static String toFilter(String name) {
        String[] levels = name.replace('/', '.').split("\\.", -1);
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            if (i > 0) {
                out.append('/');
            }
            if (level.equals("*")) {
                out.append('+');
            } else if (level.equals(">") && i == levels.length - 1) {
                out.append('#');
            } else if (level.indexOf('*') >= 0 || level.indexOf('>') >= 0) {
                throw Names.invalid("in topic name " + Names.quote(name)
                        + " * must be a whole level and > the whole last one, else written %2A and %3E");
            } else if (level.indexOf('+') >= 0 || level.indexOf('#') >= 0) {
                throw Names.invalid("topic name " + Names.quote(name) + " holds + or #");
            } else {
                out.append(toMqtt(level));
            }
        }
        return out.toString();
    }
}
