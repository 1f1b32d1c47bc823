/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One named, typed entry of a message's property list. Names may repeat and may be any text.
 *
 * <p>Immutable; a {@code byte[]} value must not be changed by whoever made or reads it.
 *
 * @param name the name as its publisher wrote it
 * @param type the type of the value
 * @param value Boolean, Byte, Short, Integer, Long, Float, Double, String or byte[], as {@code type} says
 */
public record Property(String name, Type type, Object value) {
    /** The type of a property. Its word is what {@code JMS_TYPES} says. Stored by code, never by ordinal. */
    public enum Type {
        BOOLEAN(1, "boolean", Boolean.class),
        BYTE(2, "byte", Byte.class),
        SHORT(3, "short", Short.class),
        INT(5, "int", Integer.class),
        LONG(6, "long", Long.class),
        FLOAT(7, "float", Float.class),
        DOUBLE(8, "double", Double.class),
        STRING(9, "string", String.class),
        BYTES(10, "bytes", byte[].class);

        final int code;
        final String word;
        final Class<?> javaType;

        Type(int code, String word, Class<?> javaType) {
            this.code = code;
            this.word = word;
            this.javaType = javaType;
        }

        /** The type byte of {@link TypedItems}. */
        public int code() {
            return code;
        }

        static @Nullable Type ofWord(String word) {
            for (Type type : values()) {
                if (type.word.equals(word)) {
                    return type;
                }
            }
            return null;
        }
    }

    public Property {
        if (!type.javaType.isInstance(value)) {
            throw new IllegalArgumentException("property " + name + " of type " + type + " with a "
                    + value.getClass().getName());
        }
    }

    public static Property of(String name, String value) {
        return new Property(name, Type.STRING, value);
    }

    /** A property whose type follows from the value's class; IllegalArgumentException for any other class. */
    public static Property of(String name, Object value) {
        for (Type type : Type.values()) {
            if (type.javaType.isInstance(value)) {
                return new Property(name, type, value);
            }
        }
        throw new IllegalArgumentException(
                "property " + name + " with a " + value.getClass().getName());
    }

    /** The value as protocols without types show it: as Java writes it; bytes in Base64. */
    public String text() {
        return value instanceof byte[] bytes ? Base64.getEncoder().encodeToString(bytes) : value.toString();
    }

    /** The property of this type whose {@link #text} is the given one, or null if there is none. */
    static @Nullable Property parse(String name, Type type, String text) {
        Property property;
        try {
            property = switch (type) {
                case BOOLEAN -> of(name, (Object) Boolean.valueOf(text));
                case BYTE -> of(name, (Object) Byte.valueOf(text));
                case SHORT -> of(name, (Object) Short.valueOf(text));
                case INT -> of(name, (Object) Integer.valueOf(text));
                case LONG -> of(name, (Object) Long.valueOf(text));
                case FLOAT -> of(name, (Object) Float.valueOf(text));
                case DOUBLE -> of(name, (Object) Double.valueOf(text));
                case STRING -> of(name, text);
                case BYTES -> of(name, (Object) Base64.getDecoder().decode(text));
            };
        } catch (IllegalArgumentException e) {
            // Not a value of that type: the caller shows it as the string it is.
            return null;
        }
        return property.text().equals(text) ? property : null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Property that
                && name.equals(that.name)
                && type == that.type
                && sameValue(value, that.value);
    }

    private static boolean sameValue(Object a, Object b) {
        return (a instanceof byte[] x && b instanceof byte[] y) ? Arrays.equals(x, y) : a.equals(b);
    }

    @Override
    public int hashCode() {
        int hash = 31 * name.hashCode() + type.code;
        return 31 * hash + (value instanceof byte[] bytes ? Arrays.hashCode(bytes) : value.hashCode());
    }

    @Override
    public String toString() {
        return name + ':' + type.word + '=' + text();
    }
}
