/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.polymq.replication.RaftGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the lead of one group of several to the node that is to have it, so that the groups are led by different nodes:
 * the one that an administrator gave it to last, or else the one whose place among the members is the group's slot.
 * Only when that node has been in touch for a while and would lead at once, since clients notice. Confined to the
 * thread that {@linkplain #look looks}.
 */
final class PreferredLead {
    private static final Logger log = LoggerFactory.getLogger(PreferredLead.class);

    /** The run-time setting that holds the number of the node that an administrator gave the lead to. */
    static final String SETTING = "cluster.preferred-leader";

    private static final Duration CALM = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final int slot;
    private final RaftGroup group;
    private final Supplier<Optional<String>> given;
    private final Function<String, CompletableFuture<Void>> handOver;
    private CompletableFuture<Boolean> asked = new CompletableFuture<>();
    private Duration pause = CALM;
    private boolean waiting;
    private long calmSince;

    /**
     * Of one group.
     *
     * @param given what {@link #SETTING} says
     * @param handOver gives the lead to a member
     */
    PreferredLead(
            int slot,
            RaftGroup group,
            Supplier<Optional<String>> given,
            Function<String, CompletableFuture<Void>> handOver) {
        this.slot = slot;
        this.group = group;
        this.given = given;
        this.handOver = handOver;
    }

    /** The member that is to lead; empty if this node does not lead, and so does not know the members. */
    private Optional<String> preferred() {
        List<String> members = group.members().stream()
                .sorted(Comparator.comparingInt(Replication::number))
                .toList();
        if (members.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> chosen = given.get()
                .flatMap(number -> members.stream()
                        .filter(each -> number.equals(Integer.toString(Replication.number(each))))
                        .findFirst());
        return chosen.or(() -> Optional.of(members.get(slot % members.size())));
    }

    /** To be called about once a second. */
    void look() {
        long now = System.nanoTime();
        Optional<String> other = preferred().filter(each -> !each.equals(group.self()));
        if (group.term() == 0 || other.isEmpty() || !group.alive().contains(other.get())) {
            waiting = false;
            return;
        }
        if (!waiting) {
            waiting = true;
            calmSince = now;
            asked = new CompletableFuture<>();
        }
        if (now - calmSince < pause.toNanos()) {
            return;
        }
        if (asked.getNow(false)) {
            give(other.get());
        } else {
            asked = group.wouldLead(other.get()); // answered before the next look
        }
    }

    private void give(String member) {
        log.info("group {}: the lead goes to node {}, which is to have it", group.name(), Replication.number(member));
        waiting = false;
        Duration next = pause.multipliedBy(2);
        pause = next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
        handOver.apply(member).whenComplete((done, failure) -> {
            if (failure != null) {
                log.info("group {}: {}", group.name(), failure.getMessage());
            }
        });
    }
}
