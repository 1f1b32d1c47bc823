/* SPDX-License-Identifier: Apache-2.0 */
/** The fault suite behind {@code bin/faults}. */
@NullMarked
package org.polymq.tck.faults;

import org.jspecify.annotations.NullMarked;
