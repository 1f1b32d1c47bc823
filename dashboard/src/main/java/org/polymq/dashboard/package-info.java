/* SPDX-License-Identifier: Apache-2.0 */
/** What an operator sees over HTTP: {@code /metrics} for Prometheus and {@code /health} for supervisors. */
@NullMarked
package org.polymq.dashboard;

import org.jspecify.annotations.NullMarked;
