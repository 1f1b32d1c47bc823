/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;

/**
 * A piece of the payload of a {@link LargePublish}.
 *
 * @param last whether the packet ends with it
 */
public record PayloadPart(ByteBuffer bytes, boolean last) implements Packet {}
