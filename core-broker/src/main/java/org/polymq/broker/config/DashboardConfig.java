/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

/**
 * The settings of the admin API, metrics and health.
 *
 * @param port {@code dashboard.port}; 0 picks a free port
 */
public record DashboardConfig(int port) {}
