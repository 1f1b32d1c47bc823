/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rates of what the broker does, for administration: counted where it happens, sampled every 10 s, in bounded memory.
 */
@NullMarked
package org.polymq.broker.stats;

import org.jspecify.annotations.NullMarked;
