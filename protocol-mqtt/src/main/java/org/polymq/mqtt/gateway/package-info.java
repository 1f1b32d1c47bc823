/* SPDX-License-Identifier: Apache-2.0 */
/**
 * MQTT for the clients of a cluster of several groups: shares what a client sends out to the groups' leaders, and puts
 * what they send it together. Keeps nothing that has to survive.
 *
 * <pre>
 * client - GatewayConnection - Admission                  CONNECT to CONNACK
 *                            - ClientSession - Publishing   PUBLISH, PUBREL and their answers
 *                                            - Subscribing  SUBSCRIBE, UNSUBSCRIBE and their answers
 *                                            - Deliveries   PUBLISH and PUBREL of the groups
 *                                            - Streams - GroupStream - a group's leader
 * </pre>
 */
@NullMarked
package org.polymq.mqtt.gateway;

import org.jspecify.annotations.NullMarked;
