/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Transactions that a transaction manager outside decides about (X/Open XA): work that waits for prepare in memory, and
 * prepared branches as a view of the log.
 *
 * <pre>
 *  start, end      work in memory      prepare       one entry: XA_MESSAGE ..., XA_PREPARED
 *  one-phase       one entry           commit        one entry: XA_ENDED, the messages
 * </pre>
 */
@NullMarked
package org.polymq.broker.xa;

import org.jspecify.annotations.NullMarked;
