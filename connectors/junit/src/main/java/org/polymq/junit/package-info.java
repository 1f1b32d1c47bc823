/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A PolyMQ broker inside the tests of an application: {@link org.polymq.junit.PolyMQExtension} for JUnit,
 * {@link org.polymq.junit.EmbeddedBroker} for everything else.
 *
 * <p>The broker's code is in this jar as jars, and is loaded by a class loader of its own: it has its own Netty,
 * Jackson and Logback, whatever versions the application has, and does not touch the application's logging.
 */
@NullMarked
package org.polymq.junit;

import org.jspecify.annotations.NullMarked;
