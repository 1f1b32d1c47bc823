/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONArray;
import com.alibaba.fastjson2.JSONObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.polymq.remoting.wire.BadRequestException;

/** Reads the members of a JSON object strictly: a member of the wrong type is the sender's error. */
final class JsonFields {
    private JsonFields() {}

    static String string(JSONObject object, String name) {
        if (object.get(name) instanceof String value) {
            return value;
        }
        throw wrong(name, "a string");
    }

    static String string(JSONObject object, String name, String otherwise) {
        return object.get(name) == null ? otherwise : string(object, name);
    }

    static long number(JSONObject object, String name, long otherwise) {
        Object value = object.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw wrong(name, "a whole number");
    }

    static int integer(JSONObject object, String name, int otherwise) {
        long value = number(object, name, otherwise);
        if (value != (int) value) {
            throw wrong(name, "a number of 32 bits");
        }
        return (int) value;
    }

    static boolean flag(JSONObject object, String name, boolean otherwise) {
        Object value = object.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(name, "true or false");
    }

    /** The object of that name; an empty one where it is missing. */
    static JSONObject object(JSONObject object, String name) {
        Object value = object.get(name);
        if (value == null) {
            return new JSONObject();
        }
        if (value instanceof JSONObject inner) {
            return inner;
        }
        throw wrong(name, "an object");
    }

    /** The objects of a list; none where it is missing. */
    static <T> List<T> objects(JSONObject object, String name, Function<JSONObject, T> read) {
        List<T> items = new ArrayList<>();
        for (Object item : array(object, name)) {
            if (!(item instanceof JSONObject inner)) {
                throw wrong(name, "a list of objects");
            }
            items.add(read.apply(inner));
        }
        return items;
    }

    static List<String> strings(JSONObject object, String name) {
        List<String> items = new ArrayList<>();
        for (Object item : array(object, name)) {
            if (!(item instanceof String text)) {
                throw wrong(name, "a list of strings");
            }
            items.add(text);
        }
        return items;
    }

    static List<Integer> integers(JSONObject object, String name) {
        List<Integer> items = new ArrayList<>();
        for (Object item : array(object, name)) {
            if (!(item instanceof Integer number)) {
                throw wrong(name, "a list of whole numbers");
            }
            items.add(number);
        }
        return items;
    }

    static <T> Map<String, T> map(JSONObject object, String name, Function<JSONObject, T> read) {
        Map<String, T> items = new LinkedHashMap<>();
        object(object, name).forEach((key, item) -> {
            if (!(item instanceof JSONObject inner)) {
                throw wrong(name, "an object of objects");
            }
            items.put(key, read.apply(inner));
        });
        return items;
    }

    /** A table of texts; empty where it is missing. */
    static Map<String, String> texts(JSONObject object, String name) {
        Map<String, String> items = new LinkedHashMap<>();
        object(object, name).forEach((key, item) -> {
            if (!(item instanceof String text)) {
                throw wrong(name, "an object of strings");
            }
            items.put(key, text);
        });
        return items;
    }

    private static JSONArray array(JSONObject object, String name) {
        Object value = object.get(name);
        if (value == null) {
            return new JSONArray();
        }
        if (value instanceof JSONArray array) {
            return array;
        }
        throw wrong(name, "a list");
    }

    static BadRequestException wrong(String name, String expected) {
        return BadRequestException.field("the member \"" + name + "\" of the body is not " + expected);
    }
}
