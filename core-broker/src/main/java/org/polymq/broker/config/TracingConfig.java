/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.net.URI;
import java.util.Optional;

/**
 * Where spans of distributed traces go, keys {@code tracing.*}.
 *
 * @param endpoint {@code tracing.endpoint}; empty: there are none
 * @param serviceName {@code tracing.service-name}
 */
public record TracingConfig(Optional<URI> endpoint, String serviceName) {}
