/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Messages that become visible later than they are stored.
 *
 * <pre>
 * TIMER_MESSAGE (nobody sees it) ... due: TIMER_ENDED, with the visible message right behind it, in one entry
 *                                ... recalled: TIMER_ENDED alone
 * </pre>
 */
@NullMarked
package org.polymq.broker.timer;

import org.jspecify.annotations.NullMarked;
