/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

/**
 * How a native group consumes a topic.
 *
 * @param pop whether the broker hands messages out one by one (POP), not queue by queue
 * @param shareQueues with POP: how many members share a queue; 0 or less: all share all
 */
public record RequestMode(boolean pop, int shareQueues) {
    /** What holds where nothing was said. */
    public static final RequestMode PULL = new RequestMode(false, 0);
}
