/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/** The keys of distributed tracing. */
final class TracingOptions {
    static final Option<Optional<URI>> ENDPOINT = new Option<>(
            "tracing.endpoint",
            OptionType.HTTP_ADDRESS,
            "",
            "Where spans are sent by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`. Empty: there are none, and"
                    + " nothing of OpenTelemetry is loaded.");
    static final Option<String> SERVICE_NAME =
            new Option<>("tracing.service-name", OptionType.TEXT, "polymq", "What the server is called in traces.");

    static final List<Option<?>> ALL = List.of(ENDPOINT, SERVICE_NAME);

    private TracingOptions() {}

    static TracingConfig read(Values values) {
        return new TracingConfig(values.get(ENDPOINT), values.get(SERVICE_NAME));
    }
}
