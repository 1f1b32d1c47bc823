/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One log on several nodes: the broker's log as the log of a Raft engine, behind one small adapter. Loaded only by a
 * node that is part of a group.
 */
@NullMarked
package org.polymq.replication;

import org.jspecify.annotations.NullMarked;
