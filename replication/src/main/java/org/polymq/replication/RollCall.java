/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.entity.PeerId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.polymq.storage.GroupLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks all nodes that a group begins with how far their logs go, for a node that began empty. Once all have answered,
 * whoever has the greatest log may lead with this node's vote: nothing that is still there is lost so, be it the first
 * time that the group is formed, with all logs empty, or after all nodes but a copy were emptied.
 */
final class RollCall implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RollCall.class);
    private static final long EVERY_MILLIS = 150;

    private final List<PeerId> others;
    private final GroupLog log;
    private final LogEndQuestion question;
    private final Map<PeerId, LogEnd> told = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "polymq-roll-call");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Does not ask before {@link #start}.
     *
     * @param others all nodes but this one
     * @param question for this alone
     */
    RollCall(List<PeerId> others, GroupLog log, LogEndQuestion question) {
        this.others = List.copyOf(others);
        this.log = log;
        this.question = question;
    }

    void start() {
        LOG.info(
                "The log of this node is empty, or has not caught up: it neither votes nor leads until it has, or until"
                        + " all of {} have answered and none of them has more",
                others);
        var unused = timer.scheduleWithFixedDelay(this::ask, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void ask() {
        for (PeerId each : others) {
            question.ask(
                    each,
                    timer,
                    answer -> told.put(each, answer.end()),
                    failure -> LOG.debug("{} does not say how far its log goes", each, failure));
        }
    }

    /** Whether this node may vote for one whose log ends there. */
    boolean allows(LogEnd candidate) {
        return others.stream().allMatch(each -> {
            LogEnd end = told.get(each);
            return end != null && candidate.compareTo(end) >= 0;
        });
    }

    /** Whether this node may lead. */
    boolean allowsThis() {
        return allows(LogEnd.of(log));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        question.close();
    }
}
