/* SPDX-License-Identifier: Apache-2.0 */
/**
 * RocketMQ remoting frames: bytes only, no broker.
 *
 * <pre>
 * int32 length | int8 header format, int24 header length | header | body
 * </pre>
 *
 * <p>{@link org.polymq.remoting.wire.FrameDecoder} turns bytes into {@link org.polymq.remoting.wire.RemotingCommand},
 * {@link org.polymq.remoting.wire.FrameWriter} the other way. Typed request headers are in {@code header}, typed bodies
 * in {@code body}.
 */
@NullMarked
package org.polymq.remoting.wire;

import org.jspecify.annotations.NullMarked;
