/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classes that may be read from a received {@link jakarta.jms.ObjectMessage}. Immutable.
 *
 * @param packages package prefixes; a name itself; {@code *} is every class
 */
record TrustedClasses(List<String> packages) {
    private static final int MAX_DEPTH = 200;

    TrustedClasses {
        packages = List.copyOf(packages);
    }

    byte[] serialize(Serializable object) throws MessageFormatException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException e) {
            throw failed("cannot serialise a " + object.getClass().getName(), e);
        }
        return bytes.toByteArray();
    }

    /** Reads what this process serialised. */
    Serializable readOwn(byte[] bytes) throws MessageFormatException {
        return read(bytes, info -> ObjectInputFilter.Status.UNDECIDED);
    }

    /** Reads what came from outside. */
    Serializable readForeign(byte[] bytes) throws MessageFormatException {
        return read(bytes, this::check);
    }

    private Serializable read(byte[] bytes, ObjectInputFilter filter) throws MessageFormatException {
        try (ObjectInputStream in = new ContextObjectInputStream(bytes)) {
            in.setObjectInputFilter(filter);
            return (Serializable) in.readObject();
        } catch (InvalidClassException e) {
            throw failed(
                    "refused to deserialise: a class in it is not on the allow-list; option trustedPackages of the"
                            + " connection URL names the packages to trust",
                    e);
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw failed("cannot deserialise the object", e);
        }
    }

    private static MessageFormatException failed(String message, Exception cause) {
        MessageFormatException exception = new MessageFormatException(message + " (" + cause + ")");
        exception.setLinkedException(cause);
        exception.initCause(cause);
        return exception;
    }

    private ObjectInputFilter.Status check(ObjectInputFilter.FilterInfo info) {
        if (info.depth() > MAX_DEPTH) {
            return ObjectInputFilter.Status.REJECTED;
        }
        Class<?> type = info.serialClass();
        if (type == null) {
            return ObjectInputFilter.Status.UNDECIDED;
        }
        while (type.isArray()) {
            type = type.getComponentType();
        }
        // An Object holds nothing; its arrays are how the collections are written.
        return type.isPrimitive() || type == String.class || type == Object.class || isTrusted(type.getName())
                ? ObjectInputFilter.Status.ALLOWED
                : ObjectInputFilter.Status.REJECTED;
    }

    boolean isTrusted(String className) {
        for (String prefix : packages) {
            if (prefix.equals("*") || className.equals(prefix) || className.startsWith(prefix + ".")) {
                return true;
            }
        }
        return false;
    }

    /** Finds classes through the application's class loader. */
    private static final class ContextObjectInputStream extends ObjectInputStream {
        ContextObjectInputStream(byte[] bytes) throws IOException {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            if (loader != null) {
                try {
                    return Class.forName(description.getName(), false, loader);
                } catch (ClassNotFoundException e) {
                    return super.resolveClass(description); // primitives, and classes only we see
                }
            }
            return super.resolveClass(description);
        }

        @Override
        protected Class<?> resolveProxyClass(String @Nullable [] interfaces)
                throws IOException, ClassNotFoundException {
            throw new InvalidClassException(Proxy.class.getName(), "proxies are not read");
        }
    }
}
