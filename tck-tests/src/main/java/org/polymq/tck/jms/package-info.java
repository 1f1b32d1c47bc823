/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Runs the standalone part of the Jakarta Messaging TCK from its jar: {@code bin/tck}. Each test class runs in a JVM of
 * its own; several brokers share the work.
 *
 * <pre>
 * Tck ── TckClasses          what the jar holds
 *  ├─ TckBroker (one a shard)   users made by the command line
 *  ├─ TckRun ── child JVM: TckClassMain ── the TCK ── PortedObjects
 *  └─ TckResults ── TckReport   counted from JUnit's XML
 * </pre>
 */
@NullMarked
package org.polymq.tck.jms;

import org.jspecify.annotations.NullMarked;
