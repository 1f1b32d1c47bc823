/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/**
 * What opening the log found.
 *
 * @param snapshotPosition position of the snapshot it started from; 0 if from the first record
 * @param recordsApplied records applied after it
 * @param bytesCut bytes of torn or unreadable tail that were cut; 0 normally
 * @param millis how long recovery took
 * @param cleanStop whether the log was closed cleanly before
 */
public record RecoveryInfo(long snapshotPosition, long recordsApplied, long bytesCut, long millis, boolean cleanStop) {}
