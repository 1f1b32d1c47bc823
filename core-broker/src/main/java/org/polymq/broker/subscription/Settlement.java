/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Acknowledgements on their way into a transaction: out of flight already, done when the transaction is stored.
 *
 * @param records what the transaction's entry says about them
 * @param stored to be run when the entry is stored
 * @param refused to be run when it is not: the messages are in flight again
 */
public record Settlement(List<ByteBuffer> records, Runnable stored, Runnable refused) {}
