/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For Java's flight recorder: one entry of the log was written. Frequent, so it has to be switched on. */
@Name("org.polymq.Append")
@Label("Append")
@Description("One entry was written to the log: what was queued by then")
@Category({"PolyMQ", "Storage"})
@Enabled(false)
@StackTrace(false)
final class AppendEvent extends Event {
    @Label("Requests")
    int requests;

    @Label("Size")
    @DataAmount
    long bytes;

    @Label("Position behind it")
    long end;
}
