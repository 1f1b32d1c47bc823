/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.polymq.broker.state.Ids;
import org.polymq.broker.state.View;
import org.polymq.broker.topic.FilterTrie;
import org.polymq.broker.topic.Topic;
import org.polymq.storage.QueueIndex;

/**
 * The extra index queues of durable subscriptions: one per distinct topic filter, fed when a message that matches is
 * applied. A filter's queue exists while a durable subscription names the filter. Changed by apply only.
 */
final class FilterQueues implements View {
    private static final long[] NONE = {};
    private static final int CACHED_NAMES = 10_000;

    private final Ids ids;
    private final Supplier<QueueIndex> index;
    private final Map<String, FilterQueue> byFilter = new HashMap<>();
    private final FilterTrie<FilterQueue> trie = new FilterTrie<>();
    /** Matches by topic name, used under the append lock only. */
    private final Map<String, long[]> cache = new HashMap<>();

    private long cachedVersion;

    FilterQueues(Ids ids, Supplier<QueueIndex> index) {
        this.ids = ids;
        this.index = index;
    }

    /** The queue of this filter, made if it is new; counts one more subscription that names it. */
    long acquire(String filter) {
        FilterQueue queue = byFilter.get(filter);
        if (queue == null) {
            queue = new FilterQueue(Topic.queueKey(ids.next(), 0), filter);
            byFilter.put(filter, queue);
            trie.add(filter, queue);
        }
        queue.users++;
        return queue.key;
    }

    /** One subscription less names the filter; the last takes the queue with it. */
    void release(String filter) {
        FilterQueue queue = byFilter.get(filter);
        if (queue != null && --queue.users == 0) {
            byFilter.remove(filter);
            trie.remove(filter, queue);
            index.get().remove(queue.key);
        }
    }

    /** Whether some filter could match names below this first level. Any thread. */
    boolean mayMatch(String firstLevel) {
        return trie.mayMatch(firstLevel);
    }

    /** Whether some filter matches the name. Any thread. */
    boolean matchesAny(String name, boolean exactOnly) {
        boolean[] found = {false};
        trie.match(name, exactOnly, queue -> found[0] = true);
        return found[0];
    }

    /** Whether a filter names this topic or something below it; wildcards do not count. */
    boolean names(String topic) {
        return trie.hasFirstLevel(topic);
    }

    /** The queues whose filter matches. From apply only. */
    long[] match(String name, boolean exactOnly) {
        if (byFilter.isEmpty()) {
            return NONE;
        }
        if (cachedVersion != trie.version() || cache.size() >= CACHED_NAMES) {
            cache.clear();
            cachedVersion = trie.version();
        }
        return cache.computeIfAbsent(name, key -> find(key, exactOnly));
    }

    private long[] find(String name, boolean exactOnly) {
        List<Long> keys = new ArrayList<>();
        trie.match(name, exactOnly, queue -> keys.add(queue.key));
        // In the order of their numbers, so that every replica indexes alike.
        return keys.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(byFilter.size());
        for (FilterQueue queue : byFilter.values()) {
            out.writeLong(queue.key);
            out.writeUTF(queue.filter);
            out.writeInt(queue.users);
        }
    }

    @Override
    public void load(DataInput in) throws IOException {
        byFilter.values().forEach(queue -> trie.remove(queue.filter, queue));
        byFilter.clear();
        for (int n = in.readInt(); n > 0; n--) {
            FilterQueue queue = new FilterQueue(in.readLong(), in.readUTF());
            queue.users = in.readInt();
            byFilter.put(queue.filter, queue);
            trie.add(queue.filter, queue);
        }
    }

    private static final class FilterQueue {
        private final long key;
        private final String filter;
        private int users;

        private FilterQueue(long key, String filter) {
            this.key = key;
            this.filter = filter;
        }
    }
}
