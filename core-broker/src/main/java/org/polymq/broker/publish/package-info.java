/* SPDX-License-Identifier: Apache-2.0 */
/** The way in: messages and transactions into the log. */
@NullMarked
package org.polymq.broker.publish;

import org.jspecify.annotations.NullMarked;
