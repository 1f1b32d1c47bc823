/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Values by topic filter, found by topic name (MQTT 5, 4.7). Reads take no lock and see every change that completed
 * before them; changes are serialised. Safe from any thread.
 */
public final class FilterTrie<V> {
    /** A power of two. */
    private static final int REMEMBERED_LEVELS = 16_384;

    private final Node<V> root = new Node<>();
    private final AtomicLong version = new AtomicLong();
    /** Levels used before, by hash: names of many filters share theirs. Guarded by this. */
    private final @Nullable String[] levels = new @Nullable String[REMEMBERED_LEVELS];

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
                return changed(node.addRest(value));
            }
            node = node.child(level, this);
            from = slash < 0 ? -1 : slash + 1;
        }
        return changed(node.addHere(value));
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

    private String remembered(String level) {
        int at = level.hashCode() & (REMEMBERED_LEVELS - 1);
        String known = levels[at];
        if (level.equals(known)) {
            return known;
        }
        levels[at] = level;
        return level;
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
            FewOrMany.forEach(node.rest, visitor);
        }
        if (from < 0) {
            FewOrMany.forEach(node.here, visitor);
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

    private boolean remove(Node<V> node, String filter, int from, V value) {
        if (from < 0) {
            return node.removeHere(value);
        }
        int slash = filter.indexOf('/', from);
        String level = slash < 0 ? filter.substring(from) : filter.substring(from, slash);
        if (level.equals("#")) {
            return node.removeRest(value);
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
        /** Each holds what {@link FewOrMany} makes of its values. */
        private volatile @Nullable Object here;

        private volatile @Nullable Object rest;

        private Node<V> child(String level, FilterTrie<V> trie) {
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
            Node<V> known = children.get(level);
            if (known == null) {
                known = new Node<>();
                children.put(trie.remembered(level), known);
            }
            return known;
        }

        private boolean addHere(V value) {
            boolean isNew = !FewOrMany.contains(here, value);
            if (isNew) {
                here = FewOrMany.plus(here, value);
            }
            return isNew;
        }

        private boolean addRest(V value) {
            boolean isNew = !FewOrMany.contains(rest, value);
            if (isNew) {
                rest = FewOrMany.plus(rest, value);
            }
            return isNew;
        }

        private boolean removeHere(V value) {
            boolean isThere = FewOrMany.contains(here, value);
            if (isThere) {
                here = FewOrMany.minus(here, value);
            }
            return isThere;
        }

        private boolean removeRest(V value) {
            boolean isThere = FewOrMany.contains(rest, value);
            if (isThere) {
                rest = FewOrMany.minus(rest, value);
            }
            return isThere;
        }

        private boolean isEmpty() {
            return children.isEmpty() && plus == null && here == null && rest == null;
        }
    }
}
