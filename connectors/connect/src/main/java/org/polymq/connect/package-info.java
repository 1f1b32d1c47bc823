/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Runs unmodified Kafka Connect plugins on the broker's topics: a kind of connectors.
 *
 * <pre>
 * source: SourceTask.poll -> transforms -> converters -> one entry with messages and offsets -> commitRecord, commit
 * sink:   TopicReader -> converters -> transforms -> SinkTask.put -> preCommit -> offsets of the group
 * </pre>
 *
 * A plugin's classes come from its own directory and see the Connect API, the JDK and nothing of the broker. Its code
 * runs on threads of the connector only; what does not end in time is interrupted and left behind.
 */
@NullMarked
package org.polymq.connect;

import org.jspecify.annotations.NullMarked;
