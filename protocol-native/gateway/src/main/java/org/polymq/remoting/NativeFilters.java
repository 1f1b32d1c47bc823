/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.polymq.broker.filter.Filter;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.SubscriptionData;

/** Makes filters of subscriptions, compiling each expression once. Safe from any thread. */
final class NativeFilters {
    private static final int MOST_REMEMBERED = 1_000;

    private final Map<String, Filter> compiled = new ConcurrentHashMap<>();

    /**
     * The filter of a subscription.
     *
     * @throws org.polymq.broker.BrokerException INVALID_SELECTOR if the expression does not parse
     * @throws BadRequestException if it is of a type that this broker does not evaluate
     */
    NativeFilter of(SubscriptionData subscription) {
        if (subscription.isByTag()) {
            return NativeFilter.ofTags(subscription);
        }
        if (!subscription.isBySql()) {
            throw new BadRequestException(
                    ResponseCode.SUBSCRIPTION_PARSE_FAILED,
                    "this broker has no filters of type " + subscription.expressionType() + ": use TAG or SQL92");
        }
        return NativeFilter.of(compile(subscription.expression()));
    }

    private Filter compile(String expression) {
        Filter known = compiled.get(expression);
        if (known == null) {
            known = Filter.compile(expression);
            if (compiled.size() >= MOST_REMEMBERED) {
                compiled.clear(); // only a memory of what is compiled anew
            }
            compiled.put(expression, known);
        }
        return known;
    }
}
