/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Connectors: programs inside the broker that bring messages from other systems and take messages to them.
 *
 * <p>A connector's definition and the positions it has reached are facts in the log
 * ({@link org.polymq.broker.connector.Connectors}), so they survive restarts, and the next leader of a group goes on
 * from them. What runs is of a <em>kind</em> ({@link org.polymq.broker.connector.ConnectorKind}), whose classes are
 * loaded when the first connector of it exists. {@link org.polymq.broker.connector.ConnectorRunner} starts, watches and
 * stops them.
 *
 * <pre>
 * admin API -> ConnectorRunner -> ConnectorRun -> ConnectorKind (Kafka Connect, bridges): threads of its own
 *                    |                                  |
 *               Connectors (log)             ConnectorContext: publish, TopicReader, positions
 * </pre>
 */
@NullMarked
package org.polymq.broker.connector;

import org.jspecify.annotations.NullMarked;
