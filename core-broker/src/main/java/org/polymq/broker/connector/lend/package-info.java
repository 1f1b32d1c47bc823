/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The tasks of sources that are spread over the groups of a cluster: the leader of the group that defines a source
 * lends them to the leaders of the others, over streams between nodes.
 *
 * <pre>
 * first group's leader                                  another group's leader
 * Lending - Loan - LendingStream  <- LendFrame ->  Borrowing - Worker: runs the task
 *            |                                        |
 *       LentSource: the log              SourceLog: what the task brings, and how far it is
 * </pre>
 *
 * What a task brings is stored by who lends it, while its {@link org.polymq.broker.connector.lend.Loan} is open and no
 * longer: so two leaders may both believe that they have a task, and only one of them stores.
 */
@NullMarked
package org.polymq.broker.connector.lend;

import org.jspecify.annotations.NullMarked;
