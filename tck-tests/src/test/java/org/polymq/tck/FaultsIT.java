/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.tck.faults.AccountsUnderKill;
import org.polymq.tck.faults.CleanedUnderLoad;
import org.polymq.tck.faults.ClusterFaults;
import org.polymq.tck.faults.DamagedTail;
import org.polymq.tck.faults.KillRounds;
import org.polymq.tck.faults.LostSnapshot;
import org.polymq.tck.faults.MqttKills;
import org.polymq.tck.faults.OrderlyKills;
import org.polymq.tck.faults.Outcome;

/** The short form of {@code bin/faults}. */
class FaultsIT {
    @Test
    void nothingAcknowledgedIsLostWhenTheProcessIsKilled(@TempDir Path directory) throws Exception {
        holds(KillRounds.run(directory, random(), Tier.choose(3, 10), Duration.ZERO));
    }

    @Test
    void norWhenTheEndOfTheNewestSegmentIsDamaged(@TempDir Path directory) throws Exception {
        holds(DamagedTail.run(directory, random(), Tier.choose(2, 8)));
    }

    @Test
    void norWhenTheNewestSnapshotIsLostAfterRetention(@TempDir Path directory) throws Exception {
        holds(LostSnapshot.run(directory, random()));
    }

    @Test
    void orderlyConsumersKeepTheOrderOfEachQueueWhenTheyAreKilled(@TempDir Path directory) throws Exception {
        holds(OrderlyKills.run(directory, random(), Tier.choose(3, 20), Duration.ZERO));
    }

    @Test
    void mqttKeepsItsPromisesWhenTheBrokerAndClientsAreKilled(@TempDir Path directory) throws Exception {
        holds(MqttKills.run(directory, random(), Tier.choose(3, 20), Duration.ZERO));
    }

    @Test
    void losesNothingWhenItIsKilledWhileSegmentsAreCleaned(@TempDir Path directory) throws Exception {
        holds(CleanedUnderLoad.run(directory, random(), 2));
    }

    /** At full length only: three nodes beside the clients want more than two processors can give in a minute. */
    @Test
    @EnabledIfSystemProperty(named = "polymq.tier", matches = "full")
    void aGroupKeepsWhatItAcknowledgedWhenItsNodesAreKilledStoppedAndRestarted(@TempDir Path directory)
            throws Exception {
        holds(ClusterFaults.run(directory, random(), 1, new ClusterFaults.Length(10, Duration.ofMinutes(3))));
    }

    @Test
    void usersRolesAndKeysAreThereWhenItIsKilledAndTheNewestSnapshotIsLost(@TempDir Path directory) throws Exception {
        holds(AccountsUnderKill.run(directory, random(), Tier.choose(4, 20)));
    }

    private static Random random() {
        return new Random(Tier.seed());
    }

    private static void holds(Outcome outcome) {
        assertThat(outcome.holds())
                .as(
                        "%s %s %s %s",
                        outcome,
                        outcome.failures(),
                        outcome.atLeastOnce().examples(),
                        outcome.exactlyOnce().examples())
                .isTrue();
    }
}
