/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.live;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.Lane;
import org.polymq.broker.topic.FilterTrie;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the transient subscribers of each message and hands it to their lanes, one task per lane and entry of the log.
 *
 * <p>Subscribing and {@link #publish} are safe from any thread; {@link #collect} and {@link #flush} belong to apply.
 */
public final class LiveRouter {
    private static final Logger LOG = LoggerFactory.getLogger(LiveRouter.class);
    private static final LaneGroup[] NONE = {};
    private static final int CACHED_NAMES = 20_000;

    private record Subscription(LiveSubscriber subscriber, Object tag) {}

    private record Match(LiveSubscriber subscriber, List<Object> tags) {}

    private record LaneGroup(Lane lane, List<Match> matches, boolean needsStored) {}

    private record Work(LiveMessage message, List<Match> matches) {}

    private final FilterTrie<Subscription> trie = new FilterTrie<>();
    private volatile Cache cache = new Cache(-1);
    /** Of the entry being applied; used under the append lock only. */
    private final IdentityHashMap<Lane, List<Work>> pending = new IdentityHashMap<>();

    /** Adds a filter; when this returns, messages applied later reach the subscriber. */
    public void subscribe(String filter, LiveSubscriber subscriber, Object tag) {
        trie.add(filter, new Subscription(subscriber, tag));
    }

    /** Removes what {@link #subscribe} added with an equal tag. */
    public void unsubscribe(String filter, LiveSubscriber subscriber, Object tag) {
        trie.remove(filter, new Subscription(subscriber, tag));
    }

    /** A cheap test before a name is built: whether names below this first level could have subscribers. */
    public boolean mayMatch(String firstLevel) {
        return trie.mayMatch(firstLevel);
    }

    /** Whether a subscriber of this name needs messages in the log. */
    public boolean needsStored(String name, boolean exactOnly) {
        for (LaneGroup group : groups(name, exactOnly)) {
            if (group.needsStored()) {
                return true;
            }
        }
        return false;
    }

    /** Hands out a message that is not stored, from its publisher's own lane. */
    public void publish(LiveMessage message, boolean exactOnly) {
        for (LaneGroup group : groups(message.name(), exactOnly)) {
            List<Match> matches = group.matches();
            group.lane().execute(() -> hand(message, matches));
        }
    }

    /** Part of apply: a stored message for its subscribers. */
    public void collect(LiveMessage message, boolean exactOnly) {
        for (LaneGroup group : groups(message.name(), exactOnly)) {
            pending.computeIfAbsent(group.lane(), lane -> new ArrayList<>()).add(new Work(message, group.matches()));
        }
    }

    /** Part of apply: the entry is applied, off they go. */
    public void flush() {
        if (pending.isEmpty()) {
            return;
        }
        pending.forEach((lane, work) -> {
            try {
                lane.execute(() -> work.forEach(each -> hand(each.message(), each.matches())));
            } catch (RuntimeException e) {
                // A lane that takes nothing more has no connections left; the entry is stored all the same.
                LOG.warn("messages for {} subscribers were not handed out", work.size(), e);
            }
        });
        pending.clear();
    }

    // What one subscriber throws does not keep the message from the others.
    private static void hand(LiveMessage message, List<Match> matches) {
        for (Match match : matches) {
            try {
                match.subscriber().deliver(message, match.tags());
            } catch (RuntimeException e) {
                LOG.error("a subscriber of {} could not take a message", message.name(), e);
            }
        }
    }

    private LaneGroup[] groups(String name, boolean exactOnly) {
        Cache current = cache;
        long version = trie.version();
        if (current.version != version || current.byName.size() >= CACHED_NAMES) {
            current = new Cache(version);
            cache = current;
        }
        LaneGroup[] groups = current.byName.get(name);
        if (groups == null) {
            groups = find(name, exactOnly);
            current.byName.put(name, groups);
        }
        return groups;
    }

    private LaneGroup[] find(String name, boolean exactOnly) {
        IdentityHashMap<LiveSubscriber, List<Object>> tags = new IdentityHashMap<>();
        trie.match(
                name,
                exactOnly,
                found -> tags.computeIfAbsent(found.subscriber(), key -> new ArrayList<>(1))
                        .add(found.tag()));
        if (tags.isEmpty()) {
            return NONE;
        }
        IdentityHashMap<Lane, List<Match>> byLane = new IdentityHashMap<>();
        tags.forEach((subscriber, all) -> byLane.computeIfAbsent(subscriber.lane(), lane -> new ArrayList<>())
                .add(new Match(subscriber, List.copyOf(all))));
        List<LaneGroup> groups = new ArrayList<>(byLane.size());
        byLane.forEach((lane, matches) -> groups.add(new LaneGroup(
                lane,
                List.copyOf(matches),
                matches.stream().anyMatch(match -> match.subscriber().needsStored()))));
        return groups.toArray(NONE);
    }

    /** Groups by name as of one version of the subscriptions. */
    private static final class Cache {
        private final long version;
        private final Map<String, LaneGroup[]> byName = new ConcurrentHashMap<>();

        private Cache(long version) {
            this.version = version;
        }
    }
}
