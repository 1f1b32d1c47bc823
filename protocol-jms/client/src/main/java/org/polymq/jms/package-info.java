/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The Jakarta Messaging provider that applications use.
 *
 * <p>Applications see {@link org.polymq.jms.PolyMQConnectionFactory} and otherwise only {@code jakarta.jms}.
 *
 * <pre>
 *  PolyMQContext ─► PolyMQConnection ─► Link ─► Netty channel
 *                        └─ PolyMQSession ──┬─ PolyMQProducer
 *                              │            └─ PolyMQConsumer ─ Inbox
 *                              └─ Deliveries (one lock) ─ ListenerLoop (one thread)
 * </pre>
 *
 * A link's event loop only puts deliveries into buffers and completes replies; application code never runs on it.
 */
@NullMarked
package org.polymq.jms;

import org.jspecify.annotations.NullMarked;
