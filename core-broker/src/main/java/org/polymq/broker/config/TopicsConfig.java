/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

/**
 * The settings of new topics.
 *
 * @param defaultQueues {@code topics.default-queues}: of a topic that MQTT or JMS makes
 */
public record TopicsConfig(int defaultQueues) {}
