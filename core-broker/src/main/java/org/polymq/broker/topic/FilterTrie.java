/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by topic filter, found by topic name (MQTT 5, 4.7). Reads take no lock and see every change that completed
 * before them; changes are serialised. Safe from any thread.
 */
public final class FilterTrie<V> {
    private final Node<V> root = new Node<>();
    private final AtomicLong version = new AtomicLong();

    /** Rises with every change, so that results can be cached. */
    public long version() {
        return version.get();
    }

    /** @return false if the value was there already */
    public synchronized boolean add(String filter, V value) {
        Node<V> node = root;
        for (int from = 0; from >= 0; ) {
            int slash = filter.indexOf('/', from);
            String level = slash < 0 ? filter.substring(from) : filter.substring(from, slash);
            if (level.equals("#")) {
                return changed(node.rest().add(value));
            }
            node = node.child(level);
            from = slash < 0 ? -1 : slash + 1;
        }
        return changed(node.here().add(value));
    }

    /** @return false if the value was not there */
    public synchronized boolean remove(String filter, V value) {
        return changed(remove(root, filter, 0, value));
    }

    /**
     * Visits the value of every filter that matches; a value is visited once per filter that holds it.
     *
     * @param name a topic name, without wildcards
     * @param exactOnly whether wildcards do not apply: system names
     */
    public void match(String name, boolean exactOnly, Consumer<V> visitor) {
        boolean wild = !exactOnly && !name.startsWith("$");
        match(root, name, 0, wild, !exactOnly, visitor);
    }

    /** Whether any filter could match names below this first level: a cheap test before a name is built. */
    public boolean mayMatch(String firstLevel) {
        return root.plus != null || root.rest != null || root.children.containsKey(firstLevel);
    }

    /** Whether a filter begins with exactly this level; wildcards do not count. */
    public boolean hasFirstLevel(String level) {
        return root.children.containsKey(level);
    }

    private boolean changed(boolean change) {
        if (change) {
            version.incrementAndGet();
        }
        return change;
    }

    private static <V> void match(
            Node<V> node, String name, int from, boolean wildHere, boolean wildBelow, Consumer<V> visitor) {
        if (wildHere) {
            visit(node.rest, visitor);
        }
        if (from < 0) {
            visit(node.here, visitor);
            return;
        }
        int slash = name.indexOf('/', from);
        String level = slash < 0 ? name.substring(from) : name.substring(from, slash);
        int next = slash < 0 ? -1 : slash + 1;
        Node<V> exact = node.children.get(level);
        if (exact != null) {
            match(exact, name, next, wildBelow, wildBelow, visitor);
        }
        Node<V> plus = node.plus;
        if (wildHere && plus != null) {
            match(plus, name, next, wildBelow, wildBelow, visitor);
        }
    }

    private static <V> void visit(@Nullable Set<V> values, Consumer<V> visitor) {
        if (values != null) {
            values.forEach(visitor);
        }
    }

    private boolean remove(Node<V> node, String filter, int from, V value) {
        if (from < 0) {
            Set<V> values = node.here;
            boolean removed = values != null && values.remove(value);
            if (values != null && values.isEmpty()) {
                node.here = null;
            }
            return removed;
        }
        int slash = filter.indexOf('/', from);
        String level = slash < 0 ? filter.substring(from) : filter.substring(from, slash);
        if (level.equals("#")) {
            Set<V> values = node.rest;
            boolean removed = values != null && values.remove(value);
            if (values != null && values.isEmpty()) {
                node.rest = null;
            }
            return removed;
        }
        Node<V> child = level.equals("+") ? node.plus : node.children.get(level);
        if (child == null) {
            return false;
        }
        boolean removed = remove(child, filter, slash < 0 ? -1 : slash + 1, value);
        if (removed && child.isEmpty()) {
            if (level.equals("+")) {
                node.plus = null;
            } else {
                node.children.remove(level);
            }
        }
        return removed;
    }

    private static final class Node<V> {
        private volatile Map<String, Node<V>> children = Map.of();
        private volatile @Nullable Node<V> plus;
        private volatile @Nullable Set<V> here;
        private volatile @Nullable Set<V> rest;

        private Node<V> child(String level) {
            if (level.equals("+")) {
                Node<V> next = plus;
                if (next == null) {
                    next = new Node<>();
                    plus = next;
                }
                return next;
            }
            if (children.isEmpty()) {
                children = new ConcurrentHashMap<>(4);
            }
            return children.computeIfAbsent(level, name -> new Node<>());
        }

        private Set<V> here() {
            Set<V> values = here;
            if (values == null) {
                values = ConcurrentHashMap.newKeySet(2);
                here = values;
            }
            return values;
        }

        private Set<V> rest() {
            Set<V> values = rest;
            if (values == null) {
                values = ConcurrentHashMap.newKeySet(2);
                rest = values;
            }
            return values;
        }

        private boolean isEmpty() {
            return children.isEmpty() && plus == null && here == null && rest == null;
        }
    }
}
