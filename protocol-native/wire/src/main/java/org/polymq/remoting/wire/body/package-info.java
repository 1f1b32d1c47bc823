/* SPDX-License-Identifier: Apache-2.0 */
/** Bodies of requests and responses: JSON in the dialect that RocketMQ's clients read and write. */
@NullMarked
package org.polymq.remoting.wire.body;

import org.jspecify.annotations.NullMarked;
