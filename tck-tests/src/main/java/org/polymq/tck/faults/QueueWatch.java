/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.polymq.tck.ledger.Verdict;

/**
 * What the members of an orderly group did with each queue, in the order of the machine's clock. Safe from any thread.
 *
 * <p>A queue's messages are numbered from 0. A member may begin with a message only when no other has one of that queue
 * in hand, and only with the one behind the last that was finished, or repeat from an earlier one on.
 */
final class QueueWatch {
    private static final int EXAMPLES = 10;

    private final Map<Integer, List<Step>> byQueue = new HashMap<>();
    private final Map<Integer, Set<Long>> finished = new HashMap<>();
    private final List<String> broken = new ArrayList<>();

    private enum What {
        BEGINS,
        FINISHES,
        IS_GONE
    }

    private record Step(What what, String member, long number, long at) {}

    /** A member began with a message or finished it: {@code + queue number nanoseconds}, or {@code -}. */
    synchronized void add(String member, String line) {
        String[] words = line.split(" ", -1);
        int queue = Integer.parseInt(words[1]);
        What what = words[0].equals("+") ? What.BEGINS : What.FINISHES;
        Step step = new Step(what, member, Long.parseLong(words[2]), Long.parseLong(words[3]));
        byQueue.computeIfAbsent(queue, fresh -> new ArrayList<>()).add(step);
        if (what == What.FINISHES) {
            finished.computeIfAbsent(queue, fresh -> new HashSet<>()).add(step.number);
        }
    }

    /** A member's process has ended, and with it what it had in hand. */
    synchronized void gone(String member) {
        Step step = new Step(What.IS_GONE, member, 0, System.nanoTime());
        byQueue.values().forEach(steps -> steps.add(step));
    }

    synchronized void broken(String what) {
        broken.add(what);
    }

    /** How many different messages were finished. */
    synchronized long finished() {
        return finished.values().stream().mapToLong(Set::size).sum();
    }

    /** The judgement; {@code sent} is how many messages each queue was acknowledged. */
    synchronized Outcome judge(Map<Integer, Long> sent) {
        List<String> examples = new ArrayList<>();
        long acknowledged = 0;
        long lost = 0;
        long doubled = 0;
        long outOfOrder = 0;
        for (Map.Entry<Integer, Long> each : sent.entrySet()) {
            int queue = each.getKey();
            acknowledged += each.getValue();
            Set<Long> done = finished.getOrDefault(queue, Set.of());
            lost += each.getValue() - done.size();
            List<Step> steps = new ArrayList<>(byQueue.getOrDefault(queue, List.of()));
            steps.sort(Comparator.comparingLong(Step::at));
            Walk walk = new Walk(queue, examples);
            steps.forEach(walk::take);
            doubled += walk.again;
            outOfOrder += walk.wrong;
        }
        Verdict verdict = new Verdict(acknowledged, lost, doubled, outOfOrder, 0, 0, examples);
        return new Outcome(verdict, Verdict.none(), broken);
    }

    /** One queue's steps, one after the other. */
    private static final class Walk {
        private final int queue;
        private final List<String> examples;
        /** Messages that members have begun with and not finished. */
        private final Map<String, Long> inHand = new HashMap<>();

        private long lastFinished = -1;
        private long highest = -1;
        private long again;
        private long wrong;

        Walk(int queue, List<String> examples) {
            this.queue = queue;
            this.examples = examples;
        }

        void take(Step step) {
            switch (step.what) {
                case BEGINS -> begins(step);
                case FINISHES -> {
                    inHand.remove(step.member);
                    lastFinished = step.number;
                }
                case IS_GONE -> inHand.remove(step.member);
            }
        }

        private void begins(Step step) {
            if (step.number > lastFinished + 1) {
                note(step, "skips what is behind " + lastFinished);
            }
            if (inHand.keySet().stream().anyMatch(other -> !other.equals(step.member))) {
                note(step, "while in hand are " + inHand);
            }
            if (step.number <= highest) {
                again++;
            }
            inHand.put(step.member, step.number);
            highest = Math.max(highest, step.number);
        }

        private void note(Step step, String what) {
            wrong++;
            if (examples.size() < EXAMPLES) {
                examples.add("queue " + queue + ": " + step.member + " begins with " + step.number + " and " + what);
            }
        }
    }
}
