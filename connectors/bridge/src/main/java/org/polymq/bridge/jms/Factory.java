/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.jms;

import jakarta.jms.ConnectionFactory;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Locale;
import java.util.Map;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.RemoteSettings;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Where a provider's connection factory comes from: its class and properties, or a lookup in JNDI.
 *
 * @param className of the factory; null for a lookup
 * @param properties of the factory, or of the naming context
 * @param lookup the name in JNDI; null for a class
 */
record Factory(
        String url,
        @Nullable String className,
        Map<String, String> properties,
        @Nullable String lookup) {
    private static final String CLASS = "factory-class";
    private static final String PROPERTY = "factory.";
    private static final String LOOKUP = "jndi-name";
    private static final String CONTEXT = "jndi.";

    Factory {
        properties = Map.copyOf(properties);
    }

    static Factory of(RemoteSettings settings) {
        Map<String, String> options = settings.options();
        String className = options.get(CLASS);
        String lookup = options.get(LOOKUP);
        if ((className == null) == (lookup == null)) {
            throw invalid("a jms bridge needs either jms.factory-class or jms.jndi-name");
        }
        String prefix = className == null ? CONTEXT : PROPERTY;
        Map<String, String> properties = new HashMap<>();
        options.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                properties.put(key.substring(prefix.length()), value);
            } else if (!key.equals(CLASS) && !key.equals(LOOKUP)) {
                throw invalid("there is no option jms." + key + (className == null ? " with" : " without")
                        + " jms.jndi-name");
            }
        });
        Factory factory = new Factory(settings.url(), className, properties, lookup);
        factory.check();
        return factory;
    }

    // A definition may come through the administration's API: what it names must be a factory of the provider's jars.
    private void check() {
        if (lookup == null) {
            return;
        }
        String initial = properties.getOrDefault("java.naming.factory.initial", "");
        if (initial.isEmpty() || initial.startsWith("com.sun.")) {
            throw invalid("jms.jndi.java.naming.factory.initial has to name the provider's own context factory");
        }
        if (lookup.indexOf(':') >= 0) {
            throw invalid("jms.jndi-name '" + lookup + "' is a URL, not a name in the provider's context");
        }
    }

    ConnectionFactory make() throws RemoteDownException {
        try {
            Object made = className == null ? lookedUp() : constructed(className);
            if (made instanceof ConnectionFactory factory) {
                return factory;
            }
            throw new RemoteDownException(made.getClass().getName() + " is no connection factory");
        } catch (InvocationTargetException e) {
            throw new RemoteDownException(
                    "the connection factory cannot be made", e.getCause() == null ? e : e.getCause());
        } catch (ReflectiveOperationException | NamingException | ClassCastException | LinkageError e) {
            throw new RemoteDownException("the connection factory cannot be made (" + e + ")", e);
        }
    }

    @SuppressWarnings({"BanJNDI", "JdkObsolete"}) // JNDI is how JMS finds factories; see check()
    private Object lookedUp() throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>(properties);
        if (!url.isEmpty()) {
            environment.putIfAbsent("java.naming.provider.url", url);
        }
        InitialContext context = new InitialContext(environment);
        try {
            return context.lookup(lookup);
        } finally {
            context.close();
        }
    }

    private Object constructed(String name) throws ReflectiveOperationException, RemoteDownException {
        Class<? extends ConnectionFactory> type =
                Class.forName(name, false, Factory.class.getClassLoader()).asSubclass(ConnectionFactory.class);
        Object made;
        if (url.isEmpty()) {
            made = type.getConstructor().newInstance();
        } else {
            Constructor<? extends ConnectionFactory> ofUrl = type.getConstructor(String.class);
            made = ofUrl.newInstance(url);
        }
        for (Map.Entry<String, String> property : properties.entrySet()) {
            set(made, property.getKey(), property.getValue());
        }
        return made;
    }

    private static void set(Object bean, String name, String value)
            throws ReflectiveOperationException, RemoteDownException {
        String setter = "set" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        for (Method method : bean.getClass().getMethods()) {
            if (method.getName().equals(setter) && method.getParameterCount() == 1) {
                Object converted = convert(method.getParameterTypes()[0], value);
                if (converted != null) {
                    method.invoke(bean, converted);
                    return;
                }
            }
        }
        throw new RemoteDownException(
                bean.getClass().getName() + " has no property " + name + " that '" + value + "' could be");
    }

    private static @Nullable Object convert(Class<?> type, String value) {
        try {
            if (type == String.class) {
                return value;
            } else if (type == int.class || type == Integer.class) {
                return Integer.valueOf(value);
            } else if (type == long.class || type == Long.class) {
                return Long.valueOf(value);
            } else if (type == double.class || type == Double.class) {
                return Double.valueOf(value);
            } else if (type == boolean.class || type == Boolean.class) {
                return value.equals("true") ? Boolean.TRUE : value.equals("false") ? Boolean.FALSE : null;
            }
        } catch (NumberFormatException e) {
            // Not this setter's: the caller says so if there is no other.
            return null;
        }
        return null;
    }

    private static BrokerException invalid(String what) {
        return new BrokerException(Reason.INVALID_REQUEST, what);
    }
}
