/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * Which part of a list a caller wants: so many things in the order of their keys, behind the last one it has seen. A
 * list of any size costs one pass and the memory of one page.
 *
 * @param after key of the last thing seen, or null for the beginning
 * @param limit how many, 1 to {@link #MOST}
 */
record Page(@Nullable String after, int limit) {
    static final int MOST = 1_000;
    private static final int USUAL = 100;

    /** Reads the parameters {@code after} and {@code limit}. */
    static Page of(Call call) {
        String after = call.query("after", "");
        return new Page(after.isEmpty() ? null : after, (int) call.number("limit", USUAL, 1, MOST));
    }

    /**
     * The answer: the things under a name, and {@code next} if there are more, to be given as {@code after}.
     *
     * @param key the same for no two things
     * @param wanted which things to list at all
     * @param shown called for the things of this page only
     */
    <T> Map<String, Object> answer(
            String name,
            Iterable<? extends T> all,
            Function<T, String> key,
            Predicate<T> wanted,
            Function<T, Object> shown) {
        PriorityQueue<T> first =
                new PriorityQueue<>(limit + 2, Comparator.comparing(key).reversed());
        for (T thing : all) {
            String own = key.apply(thing);
            boolean inPage = after == null || own.compareTo(after) > 0;
            // Most of a long list is behind the page: told by one comparison.
            T last = first.size() > limit ? first.peek() : null;
            if (inPage && (last == null || own.compareTo(key.apply(last)) < 0) && wanted.test(thing)) {
                first.add(thing);
                if (first.size() > limit + 1) {
                    first.poll();
                }
            }
        }
        boolean more = first.size() > limit;
        if (more) {
            first.poll();
        }
        List<T> page = new ArrayList<>(first);
        page.sort(Comparator.comparing(key));
        return answer(name, page, more, key, shown);
    }

    /**
     * The answer from things that were read in their own order, behind {@link #after}.
     *
     * @param read at most one more than {@link #limit}
     */
    <T> Map<String, Object> answer(String name, List<T> read, Function<T, String> key, Function<T, Object> shown) {
        boolean more = read.size() > limit;
        return answer(name, more ? read.subList(0, limit) : read, more, key, shown);
    }

    private static <T> Map<String, Object> answer(
            String name, List<T> page, boolean more, Function<T, String> key, Function<T, Object> shown) {
        Map<String, Object> answer = new TreeMap<>();
        answer.put(name, page.stream().map(shown).toList());
        if (more) {
            answer.put("next", key.apply(page.get(page.size() - 1)));
        }
        return answer;
    }

    /** Refuses what no list of this page's kind has. */
    static BrokerException unknown(String what, String name) {
        return new BrokerException(Reason.TOPIC_NOT_FOUND, "there is no " + what + " '" + name + "'");
    }
}
