/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Verdict;
import org.polymq.tck.server.BrokerProcess;

/**
 * Publishers and subscribers at QoS 1 and 2 with sessions that they keep in files, each a process of its own. They and
 * the broker are killed at random moments, now and then a client while the broker is down, and started again.
 */
public final class MqttKills {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PROGRESS = 20;

    private MqttKills() {}

    /**
     * Runs until there were so many kills and the time is over.
     *
     * @param directory an empty one
     * @param kills at least so many
     * @param atLeast goes on that long
     */
    public static Outcome run(Path directory, Random random, int kills, Duration atLeast) throws Exception {
        long end = System.nanoTime() + atLeast.toNanos();
        Ledger once = new Ledger();
        Ledger exactly = new Ledger();
        List<MqttMember> members = new ArrayList<>();
        List<Ledger> ledgers = List.of(once, exactly);
        try (BrokerProcess server = BrokerProcess.in(directory).onFixedPorts()) {
            server.start();
            for (boolean publishes : new boolean[] {false, true}) {
                for (int qos = 1; qos <= 2; qos++) {
                    MqttMember member =
                            new MqttMember(server.endpoints(), directory, qos, publishes, ledgers.get(qos - 1));
                    members.add(member);
                    member.start(PATIENCE);
                }
            }
            List<Integer> turns = new ArrayList<>(); // members, and one more for the broker
            for (int kill = 1; kill <= kills || System.nanoTime() < end; kill++) {
                awaitProgress(once, exactly);
                Pause.of(Duration.ofMillis(random.nextInt(20, 800)));
                if (turns.isEmpty()) {
                    for (int i = 0; i <= members.size(); i++) {
                        turns.add(i);
                    }
                    Collections.shuffle(turns, random);
                }
                int turn = turns.remove(0);
                String who = turn < members.size()
                        ? killClient(members.get(turn))
                        : killBroker(server, members, random, kill);
                System.out.printf(
                        "  kill %d: %s; %d acknowledged so far%n",
                        kill, who, once.acknowledged() + exactly.acknowledged());
            }
            awaitProgress(once, exactly);
            for (MqttMember member : members.subList(2, 4)) {
                member.kill();
            }
            if (!Pause.until(PATIENCE, () -> once.complete() && exactly.complete())) {
                System.out.println("  not complete after " + PATIENCE);
            }
        } finally {
            for (MqttMember member : members) {
                member.kill();
            }
        }
        Verdict atLeastOnce = once.judge();
        Verdict exactlyOnce = exactly.judge();
        return new Outcome(
                atLeastOnce,
                exactlyOnce,
                members.stream().flatMap(member -> member.failures().stream()).toList());
    }

    private static String killClient(MqttMember member) throws Exception {
        member.kill();
        member.start(PATIENCE);
        return member.name();
    }

    private static String killBroker(BrokerProcess server, List<MqttMember> members, Random random, int kill)
            throws Exception {
        server.kill();
        String flush = kill % 2 == 0 ? "async" : "sync";
        if (random.nextBoolean()) {
            server.with("storage.flush", flush).start();
            return "broker, then with flush " + flush;
        }
        MqttMember member = members.get(random.nextInt(members.size()));
        member.kill();
        server.with("storage.flush", flush).start();
        member.start(PATIENCE);
        return "broker and " + member.name() + ", then with flush " + flush;
    }

    private static void awaitProgress(Ledger once, Ledger exactly) throws InterruptedException {
        long onceGoal = once.distinct("subscriber-qos1") + PROGRESS;
        long exactlyGoal = exactly.distinct("subscriber-qos2") + PROGRESS;
        if (!Pause.until(
                PATIENCE,
                () -> once.distinct("subscriber-qos1") >= onceGoal
                        && exactly.distinct("subscriber-qos2") >= exactlyGoal)) {
            throw new IllegalStateException("nothing arrives any more: " + once.judge() + ", " + exactly.judge());
        }
    }
}
