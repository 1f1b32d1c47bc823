/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.wire;

import io.netty.handler.codec.DecoderException;

/** Bytes that are not a frame of this protocol; the connection that sent them is to be closed. */
public final class ProtocolException extends DecoderException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }
}
