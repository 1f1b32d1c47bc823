/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.polymq.broker.connector.ConnectorReports;

/**
 * What a group's node answers a gateway that it does not give a stream: its kind in one byte, for {@link Elsewhere} who
 * leads, and {@link Connectors} as their own bytes.
 */
sealed interface LinkReply {
    /** Another node leads, named as between nodes: host:port:number. */
    record Elsewhere(String member) implements LinkReply {}

    /** How the connectors that are spread are doing in the group. */
    record Connectors(ConnectorReports reports) implements LinkReply {}

    /** What needs no more words. */
    enum Plain implements LinkReply {
        /** No leader is known here, or this one does not serve yet, or not any more. */
        NOBODY(1),
        /** It takes no more streams, or no more of this client's address. */
        FULL(2),
        /** The queue is here. */
        HERE(3),
        /** It is not. */
        NOT_HERE(4);

        private final byte code;

        Plain(int code) {
            this.code = (byte) code;
        }
    }

    int ELSEWHERE = 100;
    int CONNECTORS = 101;

    /** As bytes, which {@link #read} reads. */
    default byte[] toBytes() {
        if (this instanceof Elsewhere elsewhere) {
            return behind(ELSEWHERE, elsewhere.member().getBytes(UTF_8));
        }
        if (this instanceof Connectors connectors) {
            return behind(CONNECTORS, connectors.reports().toBytes());
        }
        return new byte[] {((Plain) this).code};
    }

    private static byte[] behind(int kind, byte[] said) {
        return ByteBuffer.allocate(1 + said.length).put((byte) kind).put(said).array();
    }

    /** @throws IllegalArgumentException if the bytes are none */
    static LinkReply read(ByteBuffer words) {
        if (words.remaining() > 1) {
            ByteBuffer said = words.slice(words.position() + 1, words.remaining() - 1);
            int kind = words.get(words.position());
            if (kind == ELSEWHERE) {
                return new Elsewhere(UTF_8.decode(said).toString());
            }
            if (kind == CONNECTORS) {
                return new Connectors(ConnectorReports.read(said));
            }
        }
        for (Plain each : Plain.values()) {
            if (words.remaining() == 1 && words.get(words.position()) == each.code) {
                return each;
            }
        }
        throw new IllegalArgumentException("a node answered something that is unknown here; is it of this version?");
    }
}
