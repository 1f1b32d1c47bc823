/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of what the figures rest on. */
@NullMarked
package org.polymq.bench;

import org.jspecify.annotations.NullMarked;
