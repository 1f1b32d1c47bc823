/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.resource.spi.work.WorkManager;
import java.util.Timer;

/**
 * What a started adapter works with.
 *
 * @param workManager the server's threads
 * @param timer for attempts to come
 * @param factories of connections
 */
record Engine(WorkManager workManager, Timer timer, Factories factories) {}
