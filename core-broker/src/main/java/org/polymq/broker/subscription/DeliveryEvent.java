/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For Java's flight recorder: a consumer was handed messages. Frequent, so it has to be switched on. */
@Name("org.polymq.Delivery")
@Label("Delivery")
@Description("A consumer of a subscription was handed a batch of messages")
@Category({"PolyMQ", "Broker"})
@Enabled(false)
@StackTrace(false)
final class DeliveryEvent extends Event {
    @Label("Subscription")
    String subscription = "";

    @Label("Messages")
    int messages;

    @Label("Redelivered")
    int redelivered;
}
