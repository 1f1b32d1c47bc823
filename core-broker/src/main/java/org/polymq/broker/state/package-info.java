/* SPDX-License-Identifier: Apache-2.0 */
/** Records of the log and the state machine that applies them: the only place that changes durable state. */
@NullMarked
package org.polymq.broker.state;

import org.jspecify.annotations.NullMarked;
