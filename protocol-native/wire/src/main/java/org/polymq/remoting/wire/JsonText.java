/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes JSON by hand, because RocketMQ's dialect has what no JSON library writes: bare numbers and whole objects as
 * names. Commas are put where they belong. Confined to one thread.
 */
public final class JsonText {
    private final StringBuilder text = new StringBuilder(256);
    private boolean first = true;

    public JsonText open() {
        return open('{');
    }

    public JsonText close() {
        return close('}');
    }

    public JsonText openList() {
        return open('[');
    }

    public JsonText closeList() {
        return close(']');
    }

    /** The name of the value written next. */
    public JsonText name(String name) {
        comma();
        quoted(name);
        text.append(':');
        first = true;
        return this;
    }

    /** A name without quotes, as fastjson writes the keys of a {@code Map<Long, ?>}. */
    public JsonText bareName(long name) {
        comma();
        text.append(name).append(':');
        first = true;
        return this;
    }

    /** The object just closed becomes the name of the value written next, as fastjson writes keys that are beans. */
    public JsonText asName() {
        text.append(':');
        first = true;
        return this;
    }

    public JsonText value(String value) {
        comma();
        quoted(value);
        return this;
    }

    public JsonText value(long value) {
        comma();
        text.append(value);
        return this;
    }

    public JsonText value(double value) {
        comma();
        text.append(value);
        return this;
    }

    public JsonText value(boolean value) {
        comma();
        text.append(value);
        return this;
    }

    /** A table of texts as an object. */
    public JsonText table(Map<String, String> entries) {
        open();
        entries.forEach((name, value) -> name(name).value(value));
        return close();
    }

    /** A list of texts. */
    public JsonText texts(Iterable<String> values) {
        openList();
        values.forEach(this::value);
        return closeList();
    }

    /** A value that is JSON already. */
    public JsonText raw(String json) {
        comma();
        text.append(json);
        return this;
    }

    public byte[] bytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return text.toString();
    }

    private JsonText open(char bracket) {
        comma();
        text.append(bracket);
        first = true;
        return this;
    }

    private JsonText close(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    private void comma() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void quoted(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < 0x20) {
                text.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 0xF, 16));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
