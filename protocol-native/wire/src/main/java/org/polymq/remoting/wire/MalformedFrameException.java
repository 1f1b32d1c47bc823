/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire;

import io.netty.handler.codec.CorruptedFrameException;

/** The peer sent bytes that are no RocketMQ frame. The connection cannot be read further and is closed. */
public final class MalformedFrameException extends CorruptedFrameException {
    private static final long serialVersionUID = 1L;

    public MalformedFrameException(String message) {
        super(message);
    }

    public MalformedFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
