/* SPDX-License-Identifier: Apache-2.0 */
/** The subscription engine: who has what in flight, what is done, and what comes back. */
@NullMarked
package org.polymq.broker.subscription;

import org.jspecify.annotations.NullMarked;
