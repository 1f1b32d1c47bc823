/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.timer;

/**
 * A message that waits.
 *
 * @param due when it becomes visible, ms since the epoch
 * @param position the log position of what was staged
 */
public record PendingTimer(long due, long position) {}
