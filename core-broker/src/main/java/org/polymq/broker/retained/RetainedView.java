/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.retained;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.View;

/**
 * Where the retained message of each topic name lies in the log. Changed by apply; reads are safe from any thread and
 * see every change that completed before them.
 */
public final class RetainedView implements View {
    /** One retained message. */
    public record Retained(String name, long position) {}

    private final Node root = new Node();
    private final AtomicInteger size = new AtomicInteger();

    /** Part of apply. */
    public void set(String name, long position) {
        Node node = root;
        for (String level : levels(name)) {
            node = node.child(level);
        }
        if (node.position < 0) {
            size.incrementAndGet();
        }
        node.position = position;
    }

    /** Part of apply. */
    public void clear(String name) {
        remove(root, levels(name), 0);
    }

    /** Part of apply: a topic is deleted, with every name below it. */
    public void clearBelow(String firstLevel) {
        Node node = root.children.get(firstLevel);
        if (node != null) {
            List<Retained> gone = new ArrayList<>();
            collect(node, new StringBuilder(firstLevel), false, gone);
            gone.forEach(each -> clear(each.name()));
        }
    }

    public int size() {
        return size.get();
    }

    /**
     * The retained messages whose names match a filter, in no order; names are collected, messages are not read. System
     * names ($) match no wildcard at their first level.
     */
    public List<Retained> matching(String filter) {
        List<Retained> found = new ArrayList<>();
        match(root, levels(filter), 0, new StringBuilder(), found);
        return found;
    }

    /** Whether some retained message lies where the test says so: for retention. */
    public boolean anyAt(LongPredicate position) {
        return anyAt(root, position);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        List<Retained> all = new ArrayList<>();
        collect(root, new StringBuilder(), true, all);
        out.writeInt(all.size());
        for (Retained each : all) {
            ControlRecord.writeText(out, each.name());
            out.writeLong(each.position());
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        root.children = Map.of();
        size.set(0);
        for (int n = in.readInt(); n > 0; n--) {
            set(ControlRecord.readText(in), in.readLong());
        }
    }

    private void match(Node node, String[] filter, int depth, StringBuilder name, List<Retained> found) {
        if (depth == filter.length) {
            add(node, name, found);
            return;
        }
        String level = filter[depth];
        boolean first = depth == 0;
        int length = name.length();
        if (level.equals("#")) {
            if (!first) {
                add(node, name, found);
            }
            node.children.forEach((next, child) -> {
                if (!first || !next.startsWith("$")) {
                    append(name, first, next);
                    collect(child, name, false, found);
                    name.setLength(length);
                }
            });
        } else if (level.equals("+")) {
            node.children.forEach((next, child) -> {
                if (!first || !next.startsWith("$")) {
                    append(name, first, next);
                    match(child, filter, depth + 1, name, found);
                    name.setLength(length);
                }
            });
        } else {
            Node child = node.children.get(level);
            if (child != null) {
                append(name, first, level);
                match(child, filter, depth + 1, name, found);
                name.setLength(length);
            }
        }
    }

    private static void collect(Node node, StringBuilder name, boolean first, List<Retained> found) {
        if (!first) {
            add(node, name, found);
        }
        int length = name.length();
        node.children.forEach((level, child) -> {
            append(name, first, level);
            collect(child, name, false, found);
            name.setLength(length);
        });
    }

    private static void append(StringBuilder name, boolean first, String level) {
        if (!first) {
            name.append('/');
        }
        name.append(level);
    }

    private static void add(Node node, StringBuilder name, List<Retained> found) {
        long position = node.position;
        if (position >= 0) {
            found.add(new Retained(name.toString(), position));
        }
    }

    private boolean remove(Node node, String[] levels, int depth) {
        if (depth == levels.length) {
            if (node.position >= 0) {
                node.position = -1;
                size.decrementAndGet();
            }
        } else {
            Node child = node.children.get(levels[depth]);
            if (child != null && remove(child, levels, depth + 1)) {
                node.children.remove(levels[depth]);
            }
        }
        return node.position < 0 && node.children.isEmpty();
    }

    private static boolean anyAt(Node node, LongPredicate position) {
        if (node.position >= 0 && position.test(node.position)) {
            return true;
        }
        for (Node child : node.children.values()) {
            if (anyAt(child, position)) {
                return true;
            }
        }
        return false;
    }

    private static String[] levels(String name) {
        return name.split("/", -1);
    }

    private static final class Node {
        private volatile Map<String, Node> children = Map.of();
        private volatile long position = -1;

        private Node child(String level) {
            Node child = find(level);
            if (child == null) {
                if (children.isEmpty()) {
                    children = new ConcurrentHashMap<>(4);
                }
                child = new Node();
                children.put(level, child);
            }
            return child;
        }

        private @Nullable Node find(String level) {
            return children.get(level);
        }
    }
}
