/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Request handlers for RocketMQ clients.
 *
 * <pre>
 * bytes -> FrameDecoder -> NativeConnection -> RequestHandler (one per request code) -> core
 *                               ^                                                        |
 *                               +------ answers, collected and flushed once per batch ---+
 * </pre>
 *
 * <p>{@link org.polymq.remoting.NativeGateway} puts the parts together. Each handler translates one request and keeps
 * no rules of its own; what lives only as long as its clients do (members of groups, queue locks, parked pulls) is kept
 * here.
 */
@NullMarked
package org.polymq.remoting;

import org.jspecify.annotations.NullMarked;
