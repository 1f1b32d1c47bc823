/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The broker side of the JMS protocol: translates frames to calls of the core and back, with no rules of its own.
 *
 * <pre>
 *  JmsProtocol ── per connection ──► JmsConnection ─► JmsSession ─► JmsConsumer ─► core Consumer
 *                                         │               └─► core Publisher
 *                                         └─ MessageTranslator, Reasons
 * </pre>
 *
 * Everything of a connection is confined to its event loop.
 */
@NullMarked
package org.polymq.jms.gateway;

import org.jspecify.annotations.NullMarked;
