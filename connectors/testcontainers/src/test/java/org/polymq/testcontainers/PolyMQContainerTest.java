/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What a container is asked for. None is started, and no container engine is needed. */
class PolyMQContainerTest {
    @Test
    void setsKeysOfTheConfigurationByTheEnvironment() {
        try (PolyMQContainer container = new PolyMQContainer("polymq-test").with("topics.default-queues", "1")) {
            assertThat(container.getEnvMap()).containsEntry("POLYMQ_TOPICS_DEFAULT_QUEUES", "1");
        }
    }

    @Test
    void publishesTheListenersOfAllProtocols() {
        try (PolyMQContainer container = new PolyMQContainer("polymq-test")) {
            assertThat(container.getExposedPorts()).containsExactlyInAnyOrder(9876, 10911, 1883, 8083, 8080);
        }
    }

    @Test
    void namesNoNameServerThatWouldLeadNowhere() {
        try (PolyMQContainer container = new PolyMQContainer("polymq-test")) {
            assertThatThrownBy(container::nameServer).hasMessageContaining("forRocketMqClients()");
        }
    }
}
