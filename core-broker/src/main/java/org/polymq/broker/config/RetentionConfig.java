/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.time.Duration;

/**
 * How much is kept, beside {@code storage.retention} and {@code mqtt.retention}.
 *
 * @param logSize {@code storage.max-size}; 0: no limit
 * @param cleanBelow {@code storage.clean-below}; 0: never
 * @param mqttSize {@code mqtt.retention-size}; 0: no limit
 * @param subscriptions {@code subscriptions.max-age} and {@code -size}
 * @param queues {@code queues.max-age} and {@code -size}
 * @param expiry {@code subscriptions.expiry}; zero: never
 */
public record RetentionConfig(
        DataSize logSize, DataSize cleanBelow, DataSize mqttSize, Cap subscriptions, Cap queues, Duration expiry) {
    /** Zero: no cap. */
    public record Cap(Duration age, DataSize size) {}

    static RetentionConfig of(Values values) {
        return new RetentionConfig(
                values.get(RetentionOptions.LOG_SIZE),
                values.get(RetentionOptions.CLEAN_BELOW),
                values.get(RetentionOptions.MQTT_SIZE),
                new Cap(
                        values.get(RetentionOptions.SUBSCRIPTIONS_AGE),
                        values.get(RetentionOptions.SUBSCRIPTIONS_SIZE)),
                new Cap(values.get(RetentionOptions.QUEUES_AGE), values.get(RetentionOptions.QUEUES_SIZE)),
                values.get(RetentionOptions.SUBSCRIPTIONS_EXPIRY));
    }
}
