/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.util.function.LongConsumer;

/**
 * A view that needs records by their log position, whatever queue they are in and however old they are: retention takes
 * none of them.
 */
@FunctionalInterface
public interface Keeper {
    /** Tells which records that begin in [start, end) are needed, in any order; from any thread. */
    void needs(long start, long end, LongConsumer positions);
}
