/* SPDX-License-Identifier: Apache-2.0 */
/** The remote side in RocketMQ's protocol, through its own client. */
@NullMarked
package org.polymq.bridge.rocketmq;

import org.jspecify.annotations.NullMarked;
