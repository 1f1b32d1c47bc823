/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

/**
 * What one RocketMQ client may ask for.
 *
 * @param requestRate most requests a second of a connection; 0 for any number
 * @param subscriptions most groups and subscriptions of one heartbeat; at least 1
 */
public record ClientLimits(int requestRate, int subscriptions) {
    /** Any number of requests, 10,000 subscriptions. */
    public static final ClientLimits DEFAULT = new ClientLimits(0, 10_000);

    public ClientLimits {
        if (requestRate < 0 || subscriptions < 1) {
            throw new IllegalArgumentException(
                    "a rate of " + requestRate + " requests and " + subscriptions + " subscriptions");
        }
    }
}
