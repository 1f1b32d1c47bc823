/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Connection factories, queues and topics by name, for applications that look them up: an
 * {@link javax.naming.spi.InitialContextFactory} whose names stand in properties, and the factory that other naming
 * services use to make the objects that they keep as references.
 */
@NullMarked
package org.polymq.jms.jndi;

import org.jspecify.annotations.NullMarked;
