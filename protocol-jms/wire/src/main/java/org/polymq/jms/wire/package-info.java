/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Frames between the JMS client and the broker: bytes only.
 *
 * <p>A connection starts with the bytes {@code P M Q J} and one version byte, sent by the client. After that both sides
 * send frames:
 *
 * <pre>
 *  int length | byte type | int correlation | fields of the type
 *  (of what follows)        (0: no reply)
 * </pre>
 *
 * <p>Numbers are big endian. A string is an int length and UTF-8 bytes, length -1 is null. Sessions and consumers are
 * numbered by the client, unique within its connection. Deliveries of a consumer are numbered by the broker from 1
 * upwards: the delivery's <em>tag</em>. Everything said about deliveries is said with tags: what is settled (ranges),
 * what was handed to the application (the last tag), what may be sent (a last tag and a window).
 */
@NullMarked
package org.polymq.jms.wire;

import org.jspecify.annotations.NullMarked;
