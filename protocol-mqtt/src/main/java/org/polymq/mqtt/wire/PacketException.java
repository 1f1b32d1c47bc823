/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt.wire;

/** Bytes that are not a packet this connection may send. The connection answers the reason where it can and closes. */
public final class PacketException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;

    /** Has no stack trace: the peer causes it, at any rate it likes. */
    public PacketException(ReasonCode reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** What MQTT 5 answers; 3.1 and 3.1.1 know only the refusals of CONNACK. */
    public ReasonCode reason() {
        return reason;
    }

    static PacketException malformed(String message) {
        return new PacketException(ReasonCode.MALFORMED_PACKET, message);
    }

    static PacketException protocolError(String message) {
        return new PacketException(ReasonCode.PROTOCOL_ERROR, message);
    }
}
