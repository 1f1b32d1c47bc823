/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A PolyMQ broker in a container for the tests of an application: {@link org.polymq.testcontainers.PolyMQContainer} for
 * Testcontainers.
 */
@NullMarked
package org.polymq.testcontainers;

import org.jspecify.annotations.NullMarked;
