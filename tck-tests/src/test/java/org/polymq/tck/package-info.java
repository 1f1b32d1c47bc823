/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The contract with programs we did not write. Every test talks to a real server process through official clients; the
 * fast tier runs short forms, {@code -Dpolymq.tier=full} the long ones.
 */
@NullMarked
package org.polymq.tck;

import org.jspecify.annotations.NullMarked;
