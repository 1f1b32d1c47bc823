/* SPDX-License-Identifier: Apache-2.0 */
/** Frames between the JMS client and the broker: bytes only. */
@NullMarked
package org.polymq.jms.wire;

import org.jspecify.annotations.NullMarked;
