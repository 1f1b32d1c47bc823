/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** For Java's flight recorder: the disk was made to store what was written. */
@Name("org.polymq.Flush")
@Label("Flush")
@Description("fdatasync of what was written since the last one")
@Category({"PolyMQ", "Storage"})
@Threshold("10 ms")
@StackTrace(false)
final class FlushEvent extends Event {
    @Label("Size")
    @DataAmount
    long bytes;
}
