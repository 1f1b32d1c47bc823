/* SPDX-License-Identifier: Apache-2.0 */
/** RocketMQ remoting frames: bytes only, no broker. */
@NullMarked
package org.polymq.remoting.wire;

import org.jspecify.annotations.NullMarked;
