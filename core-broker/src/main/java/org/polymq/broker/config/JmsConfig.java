/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

/**
 * The settings of the JMS protocol. It listens on the native port.
 *
 * @param maxFrameSize {@code limits.jms-frame-size}
 */
public record JmsConfig(DataSize maxFrameSize) {}
