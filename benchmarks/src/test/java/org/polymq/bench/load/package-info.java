/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of the load. */
@NullMarked
package org.polymq.bench.load;

import org.jspecify.annotations.NullMarked;
