/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/**
 * A sealed segment.
 *
 * @param number its number, from 1, rising
 * @param start its first position
 * @param end the position after its last byte
 * @param firstTime store time of its first entry, ms since the epoch; 0 if it has none
 * @param lastTime store time of its last entry, ms since the epoch; 0 if it has none
 * @param bytes what removing it frees, index included, bytes
 * @param cleanedAt position of the record that cleaned its file; 0 if the file has all its records
 */
public record SegmentInfo(
        long number, long start, long end, long firstTime, long lastTime, long bytes, long cleanedAt) {}
