/* SPDX-License-Identifier: Apache-2.0 */
/**
 * {@code polymq bench}: how fast a server takes and hands out messages, with the clients that applications use:
 * PolyMQ's JMS provider, Eclipse Paho and Apache RocketMQ's client.
 */
@NullMarked
package org.polymq.cli.bench;

import org.jspecify.annotations.NullMarked;
