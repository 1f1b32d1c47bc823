/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ledger;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Books what was sent and received. A send ends as acknowledged, refused (certainly not stored) or unknown (no answer
 * came). Safe from any thread, as long as one stream is sent by one thread and one subscriber's messages arrive one at
 * a time.
 */
public final class Ledger {
    private final Map<String, Sent> streams = new ConcurrentHashMap<>();
    private final Map<String, Received> subscribers = new ConcurrentHashMap<>();

    /** The next unused stamp of a stream, booked as unknown until its end is told. */
    public Stamp next(String stream) {
        return streams.computeIfAbsent(stream, s -> new Sent()).next(stream);
    }

    /** The broker acknowledged it: it must reach every subscriber. */
    public void acknowledged(Stamp stamp) {
        sent(stamp).acknowledged(stamp.number());
    }

    /**
     * The broker refused it: it must not reach anybody.
     *
     * @param answer what the client was told, for whoever has to find out why it did
     */
    public void refused(Stamp stamp, String answer) {
        sent(stamp).refused(stamp.number(), Instant.now() + " " + answer);
    }

    /**
     * Announces a subscriber of some streams, so that it is missed if it never receives anything; again changes
     * nothing.
     */
    public void subscribes(String subscriber, Set<String> wanted) {
        subscribers.putIfAbsent(subscriber, new Received(Set.copyOf(wanted)));
    }

    /** Books a body that reached a subscriber; a body that is not what was sent counts as corrupt. */
    public void received(String subscriber, byte[] body) {
        Received received = subscribers.computeIfAbsent(subscriber, s -> new Received(Set.of()));
        Stamp.of(body).ifPresentOrElse(received::add, received::corrupt);
    }

    /** Number of acknowledged messages so far. */
    public long acknowledged() {
        return streams.values().stream().mapToLong(Sent::acknowledgedCount).sum();
    }

    /** Number of different messages that a subscriber has so far. */
    public long distinct(String subscriber) {
        Received received = subscribers.get(subscriber);
        return received == null ? 0 : received.distinct();
    }

    /** The acknowledged numbers of a stream so far, with the {@code System.nanoTime()} of each acknowledgement. */
    public Map<Long, Long> acknowledgements(String stream) {
        Sent sent = streams.get(stream);
        return sent == null ? Map.of() : sent.acknowledgements();
    }

    /** The numbers of a stream that a subscriber has so far. */
    public Set<Long> numbers(String subscriber, String stream) {
        Received received = subscribers.get(subscriber);
        if (received == null) {
            return Set.of();
        }
        synchronized (received) {
            return Set.copyOf(received.numbers(stream));
        }
    }

    /** Whether every subscriber has everything acknowledged so far in its streams. */
    public boolean complete() {
        return subscribers.values().stream().allMatch(received -> {
            synchronized (received) {
                return received.wanted.stream().allMatch(stream -> {
                    Sent sent = streams.get(stream);
                    return sent == null || sent.allIn(received.numbers(stream));
                });
            }
        });
    }

    /** The judgement over what was booked so far. */
    public Verdict judge() {
        long lost = 0;
        long doubled = 0;
        long outOfOrder = 0;
        long corrupt = 0;
        long unexpected = 0;
        List<String> examples = new ArrayList<>();
        for (Map.Entry<String, Received> each : subscribers.entrySet()) {
            Received received = each.getValue();
            synchronized (received) {
                for (String stream : received.wanted) {
                    Sent sent = streams.get(stream);
                    if (sent != null) {
                        lost += sent.missing(received.numbers(stream), each.getKey() + " of " + stream, examples);
                        unexpected +=
                                sent.unexpected(received.numbers(stream), each.getKey() + " of " + stream, examples);
                    }
                }
                doubled += received.doubled;
                outOfOrder += received.outOfOrder;
                corrupt += received.corrupt;
                if (!received.doubles.isEmpty()) {
                    examples.add(each.getKey() + ": " + received.doubled + " came again, as " + received.doubles);
                }
                received.oddities.forEach(oddity -> examples.add(each.getKey() + ": " + oddity));
            }
        }
        return new Verdict(acknowledged(), lost, doubled, outOfOrder, corrupt, unexpected, examples);
    }

    private Sent sent(Stamp stamp) {
        Sent sent = streams.get(stamp.stream());
        if (sent == null) {
            throw new IllegalArgumentException(stamp + " was never sent");
        }
        return sent;
    }

    /** The sender's side of one stream. */
    private static final class Sent {
        private long next;
        private final Map<Long, Long> acknowledged = new HashMap<>(); // with the time
        private final Map<Long, String> refused = new HashMap<>(); // with what was answered

        synchronized Stamp next(String stream) {
            return new Stamp(stream, next++);
        }

        synchronized void acknowledged(long number) {
            acknowledged.put(number, System.nanoTime());
        }

        synchronized Map<Long, Long> acknowledgements() {
            return Map.copyOf(acknowledged);
        }

        synchronized void refused(long number, String answer) {
            refused.put(number, answer);
        }

        synchronized long acknowledgedCount() {
            return acknowledged.size();
        }

        synchronized boolean allIn(Set<Long> received) {
            return received.containsAll(acknowledged.keySet());
        }

        synchronized long missing(Set<Long> received, String what, List<String> examples) {
            List<Long> missing = acknowledged.keySet().stream()
                    .filter(number -> !received.contains(number))
                    .sorted()
                    .toList();
            if (!missing.isEmpty()) {
                examples.add(what + " misses " + missing.size() + " of " + acknowledged.size() + ": "
                        + missing.subList(0, Math.min(10, missing.size())));
            }
            return missing.size();
        }

        /** Received although refused, or never sent at all. */
        synchronized long unexpected(Set<Long> received, String what, List<String> examples) {
            List<Long> unexpected = received.stream()
                    .filter(number -> number >= next || refused.containsKey(number))
                    .sorted()
                    .toList();
            if (!unexpected.isEmpty()) {
                examples.add(what + " has " + unexpected.size() + " that it should not have: "
                        + unexpected.stream()
                                .limit(10)
                                .map(number -> number + " (" + refused.getOrDefault(number, "never sent") + ")")
                                .toList());
            }
            return unexpected.size();
        }
    }

    /** The receiving side: guarded by itself. */
    private static final class Received {
        private static final int EXAMPLES = 5;

        private final Set<String> wanted;
        private final Map<String, Set<Long>> byStream = new ConcurrentHashMap<>();
        private final Map<String, Long> highest = new ConcurrentHashMap<>();
        private final List<String> oddities = new ArrayList<>();
        private final List<Long> doubles = new ArrayList<>();
        private long doubled;
        private long outOfOrder;
        private long corrupt;

        Received(Set<String> wanted) {
            this.wanted = wanted;
        }

        synchronized void add(Stamp stamp) {
            if (!byStream.computeIfAbsent(stamp.stream(), s -> new HashSet<>()).add(stamp.number())) {
                doubled++;
                noteDoubled(stamp);
                return;
            }
            // A first arrival below another first arrival: order was lost. Repeats do not count.
            Long before = highest.get(stamp.stream());
            if (before != null && before > stamp.number()) {
                outOfOrder++;
                note(stamp + " came after " + before);
            } else {
                highest.put(stamp.stream(), stamp.number());
            }
        }

        synchronized void corrupt() {
            corrupt++;
            note("a body that nobody sent");
        }

        synchronized long distinct() {
            return byStream.values().stream().mapToLong(Set::size).sum();
        }

        Set<Long> numbers(String stream) {
            return byStream.getOrDefault(stream, Set.of());
        }

        private void noteDoubled(Stamp stamp) {
            if (doubles.size() < EXAMPLES) {
                doubles.add(stamp.number());
            }
        }

        private void note(String oddity) {
            if (oddities.size() < EXAMPLES) {
                oddities.add(oddity);
            }
        }
    }
}
