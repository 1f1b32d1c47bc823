/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** AUTH, a step of an enhanced authentication. */
public record Auth(
        ReasonCode reason,
        @Nullable String method,
        @Nullable ByteBuffer data) implements Packet {}
