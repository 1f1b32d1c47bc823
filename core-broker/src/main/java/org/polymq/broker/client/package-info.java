/* SPDX-License-Identifier: Apache-2.0 */
/** Who is connected right now, whatever protocol they speak: for administration. */
@NullMarked
package org.polymq.broker.client;

import org.jspecify.annotations.NullMarked;
