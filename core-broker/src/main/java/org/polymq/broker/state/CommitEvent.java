/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** For Java's flight recorder: a client's request waited long for the log. */
@Name("org.polymq.SlowRequest")
@Label("Slow Request")
@Description("A request from its proposal until it is stored, applied and as durable as asked")
@Category({"PolyMQ", "Broker"})
@Threshold("50 ms")
@StackTrace(false)
final class CommitEvent extends Event {
    @Label("Records")
    int records;

    @Label("Facts about messages only")
    boolean control;
}
