/* SPDX-License-Identifier: Apache-2.0 */
/**
 * JMS over several groups: a router of frames between a client and the leaders of groups.
 *
 * <pre>
 *  client ──► GatewayConnection ─► Router ──────────────► Streams ─► GroupStream ──► leader of group a
 *                    └─► GatewaySession ─► GatewayConsumer ─┘   └──► GroupStream ──► leader of group b
 * </pre>
 *
 * Everything of a client is confined to its connection's event loop.
 */
@NullMarked
package org.polymq.jms.gateway.cluster;

import org.jspecify.annotations.NullMarked;
