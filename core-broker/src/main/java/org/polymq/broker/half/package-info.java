/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Half messages: stored, seen by nobody, until their producer commits them or rolls them back.
 *
 * <pre>
 * HALF_MESSAGE ... HALF_CHECKED* ... HALF_ENDED, with the visible message right behind it where it was committed
 * </pre>
 */
@NullMarked
package org.polymq.broker.half;

import org.jspecify.annotations.NullMarked;
