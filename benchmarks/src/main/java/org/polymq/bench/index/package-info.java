/* SPDX-License-Identifier: Apache-2.0 */
/** What the indexes of a very large cluster cost: routes of a name server, filters of a gateway. */
@NullMarked
package org.polymq.bench.index;

import org.jspecify.annotations.NullMarked;
