/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.client;

import java.util.Map;
import java.util.function.Supplier;

/**
 * One connection of a client that has said who it is.
 *
 * @param id names the connection while it lasts, such as {@code c17}
 * @param protocol such as {@code MQTT 5.0}, {@code JMS} or {@code RocketMQ}
 * @param clientId what the client calls itself; may be empty
 * @param user who it logged in as; {@code anonymous} while security is off
 * @param address its host and port
 * @param connectedAt ms since the epoch
 * @param details what its adapter knows beside; called from any thread
 * @param ending ends the connection, with the protocol's own goodbye; called from any thread
 */
public record ConnectedClient(
        String id,
        String protocol,
        String clientId,
        String user,
        String address,
        long connectedAt,
        Supplier<Map<String, String>> details,
        Runnable ending) {}
