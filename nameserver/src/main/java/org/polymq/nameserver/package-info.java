/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Topic routes and broker liveness in the RocketMQ name server protocol.
 *
 * <pre>
 * broker --103, 217, 322, 104--> NameServer &lt;--105, 106, 206-- clients and tools
 * </pre>
 *
 * <p>{@link org.polymq.nameserver.NameServer} is the server, embedded or alone.
 * {@link org.polymq.nameserver.Registration} is the broker's side: it keeps a broker's topics known at every name
 * server it is given. Routes live in memory only, as brokers repeat them; the small key-value store is a file.
 */
@NullMarked
package org.polymq.nameserver;

import org.jspecify.annotations.NullMarked;
