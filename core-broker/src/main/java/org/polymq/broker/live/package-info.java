/* SPDX-License-Identifier: Apache-2.0 */
/** Transient subscribers, fed from the append. */
@NullMarked
package org.polymq.broker.live;

import org.jspecify.annotations.NullMarked;
