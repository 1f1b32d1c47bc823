/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

/**
 * How far a subscription is with one message.
 *
 * @param done acknowledged, or taken from it by a cap or an administrator
 * @param inHand not done: a consumer has it right now, or a prepared transaction acknowledges it
 * @param returns how often a consumer was handed it and did not acknowledge it, as far as that is counted
 */
public record Progress(SubscriptionKey key, boolean done, boolean inHand, int returns) {
    /** A message may be in several queues of one subscription: it is done when it is done in all of them. */
    Progress and(Progress other) {
        return new Progress(key, done && other.done, inHand || other.inHand, Math.max(returns, other.returns));
    }
}
