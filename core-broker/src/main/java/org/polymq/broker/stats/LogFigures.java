/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.stats;

/**
 * The log and the disk it is on.
 *
 * @param start position of the oldest entry kept
 * @param end position behind the newest entry
 * @param oldestTime when the oldest sealed segment began, ms since the epoch; 0 while none is sealed
 * @param diskSize bytes of the file system
 * @param diskFree bytes of it that can be used
 */
public record LogFigures(long start, long end, long oldestTime, long diskSize, long diskFree) {}
