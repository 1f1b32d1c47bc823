/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

/** The bits of a pull's {@code sysFlag}. */
public final class PullFlags {
    /** The request also commits {@code commitOffset}. */
    public static final int COMMIT_OFFSET = 1;
    /** Wait for a message instead of answering that there is none. */
    public static final int SUSPEND = 1 << 1;
    /** The subscription is in the request, not only in the heartbeat. */
    public static final int SUBSCRIPTION = 1 << 2;
    /** The subscription is a filter class (not supported). */
    public static final int CLASS_FILTER = 1 << 3;
    /** A lite pull. */
    public static final int LITE_PULL = 1 << 4;

    private PullFlags() {}
}
