/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CrashSuiteTest {
    @Test
    void losesNothingAcknowledgedAtAnyCrash() {
        CrashSuite.Counts counts = CrashSuite.run(400, 1);

        assertThat(counts.crashes).isGreaterThan(500);
        assertThat(counts.lost).isPositive();
        assertThat(counts.damaged).isGreaterThan(100);
        assertThat(counts.removed).isGreaterThan(100);
        assertThat(counts.taking).isGreaterThan(100);
        assertThat(counts.crashesTaking).isGreaterThan(30);
    }

    @Test
    void losesNothingAtCrashesThatNobodyTriedBefore() {
        CrashSuite.run(100, System.nanoTime());
    }

    @Test
    void aCleaningThatWaitsForTheNextSnapshotOutlivesACrash() {
        // The only snapshot was lost, a segment above the one before was cleaned, and the next snapshot came first.
        CrashSuite.run(1, 7862802652171L);
    }

    @Test
    void aCleaningIsThereWhenTheRemovalOfItsSegmentIsLost() {
        // A segment was cleaned and then removed; a power cut took the record that removed it.
        CrashSuite.run(1, 90039261);
    }

    @Test
    void noticesADiskThatLiesAboutForces() {
        // The suite is worth something only if it fails here.
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed < 50; seed++) {
                        new CrashRun(seed, new CrashSuite.Counts(), true).run();
                    }
                })
                .isInstanceOfAny(AssertionError.class, StorageException.class);
    }
}
