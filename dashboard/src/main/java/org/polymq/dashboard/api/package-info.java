/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The admin API: {@code /api/v1}, JSON, one route per operation.
 *
 * <p>A group of routes ({@link org.polymq.dashboard.api.SecurityRoutes} is one) lists its
 * {@link org.polymq.dashboard.api.Route}s; {@link org.polymq.dashboard.api.Api} logs the caller in, finds the route,
 * writes the audit line and turns answers and refusals into HTTP. To add an operation, add a route.
 */
@NullMarked
package org.polymq.dashboard.api;

import org.jspecify.annotations.NullMarked;
