/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import org.polymq.broker.message.StoredMessage;

/** A message as a {@link TopicReader} hands it out. */
public record ReadMessage(TopicQueue queue, long offset, StoredMessage message) {}
