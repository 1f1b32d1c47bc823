/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.jndi;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQQueue;
import org.polymq.jms.PolyMQTopic;

/**
 * A naming context of fixed names, and of any queue and topic by its own name. Cannot be changed. Safe from any thread.
 */
// The interface asks for Hashtable. Nothing is looked up elsewhere, and nothing deserialised.
@SuppressWarnings({"JdkObsolete", "BanJNDI"})
final class PropertiesContext implements Context {
    private static final String QUEUES = "dynamicQueues/";
    private static final String TOPICS = "dynamicTopics/";
    private static final String JAVA = "java:comp/env/";

    private final Map<String, Object> bound;
    private final Hashtable<Object, Object> environment;

    PropertiesContext(Map<String, Object> bound, Hashtable<?, ?> environment) {
        this.bound = new TreeMap<>(bound);
        this.environment = new Hashtable<>(environment);
    }

    @Override
    public Object lookup(String name) throws NamingException {
        String plain = name.startsWith(JAVA) ? name.substring(JAVA.length()) : name;
        if (plain.isEmpty()) {
            return new PropertiesContext(bound, environment);
        }
        Object found = bound.get(plain);
        if (found != null) {
            return found;
        }
        if (plain.startsWith(QUEUES) && plain.length() > QUEUES.length()) {
            return new PolyMQQueue(plain.substring(QUEUES.length()));
        }
        if (plain.startsWith(TOPICS) && plain.length() > TOPICS.length()) {
            return new PolyMQTopic(plain.substring(TOPICS.length()));
        }
        throw new NameNotFoundException("'" + name + "' is not bound; bound are " + bound.keySet() + ", " + QUEUES
                + "NAME and " + TOPICS + "NAME");
    }

    @Override
    public Object lookup(Name name) throws NamingException {
        return lookup(name.toString());
    }

    @Override
    public Object lookupLink(String name) throws NamingException {
        return lookup(name);
    }

    @Override
    public Object lookupLink(Name name) throws NamingException {
        return lookup(name);
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        return all(
                name,
                entry -> new NameClassPair(
                        entry.getKey(), entry.getValue().getClass().getName()));
    }

    @Override
    public NamingEnumeration<NameClassPair> list(Name name) throws NamingException {
        return list(name.toString());
    }

    @Override
    public NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        return all(name, entry -> new Binding(entry.getKey(), entry.getValue()));
    }

    @Override
    public NamingEnumeration<Binding> listBindings(Name name) throws NamingException {
        return listBindings(name.toString());
    }

    private <T> NamingEnumeration<T> all(String name, Function<Map.Entry<String, Object>, T> form)
            throws NamingException {
        if (!name.isEmpty()) {
            throw new NameNotFoundException("'" + name + "' is no context; there is only the one without a name");
        }
        List<T> items = new ArrayList<>();
        bound.entrySet().forEach(entry -> items.add(form.apply(entry)));
        return new Items<>(items);
    }

    private static final class Items<T> implements NamingEnumeration<T> {
        private final List<T> items;
        private int next;

        Items(List<T> items) {
            this.items = items;
        }

        @Override
        public boolean hasMore() {
            return next < items.size();
        }

        @Override
        public boolean hasMoreElements() {
            return hasMore();
        }

        @Override
        public T next() {
            if (!hasMore()) {
                throw new java.util.NoSuchElementException("no more names");
            }
            return items.get(next++);
        }

        @Override
        public T nextElement() {
            return next();
        }

        @Override
        public void close() {
            next = items.size();
        }
    }

    @Override
    public NameParser getNameParser(String name) {
        return CompositeName::new;
    }

    @Override
    public NameParser getNameParser(Name name) {
        return CompositeName::new;
    }

    @Override
    public String composeName(String name, String prefix) {
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    @Override
    public Name composeName(Name name, Name prefix) throws NamingException {
        return ((Name) prefix.clone()).addAll(name);
    }

    @Override
    public @Nullable Object addToEnvironment(String name, Object value) {
        return environment.put(name, value);
    }

    @Override
    public @Nullable Object removeFromEnvironment(String name) {
        return environment.remove(name);
    }

    @Override
    public Hashtable<?, ?> getEnvironment() {
        return new Hashtable<>(environment);
    }

    @Override
    public String getNameInNamespace() {
        return "";
    }

    @Override
    public void close() {}

    // ---- names come from properties only

    private static OperationNotSupportedException fixed() {
        return new OperationNotSupportedException(
                "names are given as properties (queue.NAME=..); they cannot be changed");
    }

    @Override
    public void bind(Name name, Object object) throws NamingException {
        throw fixed();
    }

    @Override
    public void bind(String name, Object object) throws NamingException {
        throw fixed();
    }

    @Override
    public void rebind(Name name, Object object) throws NamingException {
        throw fixed();
    }

    @Override
    public void rebind(String name, Object object) throws NamingException {
        throw fixed();
    }

    @Override
    public void unbind(Name name) throws NamingException {
        throw fixed();
    }

    @Override
    public void unbind(String name) throws NamingException {
        throw fixed();
    }

    @Override
    public void rename(Name old, Name name) throws NamingException {
        throw fixed();
    }

    @Override
    public void rename(String old, String name) throws NamingException {
        throw fixed();
    }

    @Override
    public void destroySubcontext(Name name) throws NamingException {
        throw fixed();
    }

    @Override
    public void destroySubcontext(String name) throws NamingException {
        throw fixed();
    }

    @Override
    public Context createSubcontext(Name name) throws NamingException {
        throw fixed();
    }

    @Override
    public Context createSubcontext(String name) throws NamingException {
        throw fixed();
    }
}
