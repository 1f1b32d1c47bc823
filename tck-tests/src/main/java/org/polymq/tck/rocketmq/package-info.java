/* SPDX-License-Identifier: Apache-2.0 */
/** RocketMQ's official client. Its classes are loaded once per client version, each from its own jars. */
@NullMarked
package org.polymq.tck.rocketmq;

import org.jspecify.annotations.NullMarked;
