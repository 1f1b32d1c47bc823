/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The resource adapter by which Jakarta EE servers use PolyMQ (Jakarta Connectors 2.1). Servers find its classes by
 * {@code META-INF/ra.xml}.
 *
 * <pre>
 *  application ─► ConnectionFactoryHandle ─► the server's pool ─► PolyMQManagedConnection ─► one JMS session
 *                     ConnectionHandle, Guard (what the application holds)
 *
 *  broker ─► Worker (a JMS session) ─► the server's WorkManager ─► message-driven bean
 *               └─ Activation (connects, connects again)
 *
 *  the server's recovery ─► RecoveryResource ─► a connection for each question
 * </pre>
 */
@NullMarked
package org.polymq.ra;

import org.jspecify.annotations.NullMarked;
