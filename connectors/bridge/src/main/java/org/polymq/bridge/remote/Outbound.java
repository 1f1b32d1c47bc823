/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.remote;

import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;

/**
 * A message on its way out.
 *
 * @param to where at the remote
 * @param stored the message as it is in the log: for the queue it is in and its native properties
 * @param message the message as JMS and MQTT see it, its trail included
 * @param trail the value of the trail's property, for who writes {@code stored}'s native properties
 */
public record Outbound(Destination to, StoredMessage stored, Message message, String trail) {
    /** The name of the trail's property: one that JMS, RocketMQ and MQTT 5 all allow. */
    public static final String TRAIL = "PolyMQTrail";
}
