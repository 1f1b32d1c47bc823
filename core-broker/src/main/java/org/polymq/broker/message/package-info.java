/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a message and a name are, whatever the protocol.
 *
 * <pre>
 *   native parts --NativeEncoder--+
 *                                 +--&gt; record (one ByteBuffer in the log) --StoredMessage--&gt; Message
 *   Message ------MessageCodec----+                                        \--&gt; native wire image, copied
 * </pre>
 *
 * A record holds a fixed prefix ({@link org.polymq.broker.message.MessageRecord}), the message as RocketMQ clients read
 * it, and an extension for what that form cannot hold. {@link org.polymq.broker.message.Names} translates names,
 * {@link org.polymq.broker.message.NativeProperties}, {@link org.polymq.broker.message.JmsProperties} and
 * {@link org.polymq.broker.message.MqttProperties} translate headers and properties.
 */
@NullMarked
package org.polymq.broker.message;

import org.jspecify.annotations.NullMarked;
