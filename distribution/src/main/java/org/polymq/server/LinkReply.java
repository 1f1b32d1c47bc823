/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * What a group's node answers a gateway that it does not give a stream: its kind in one byte, and for {@link Elsewhere}
 * who leads.
 */
sealed interface LinkReply {
    /** Another node leads, named as between nodes: host:port:number. */
    record Elsewhere(String member) implements LinkReply {}

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

    /** As bytes, which {@link #read} reads. */
    default byte[] toBytes() {
        if (this instanceof Elsewhere elsewhere) {
            byte[] member = elsewhere.member().getBytes(UTF_8);
            return ByteBuffer.allocate(1 + member.length)
                    .put((byte) ELSEWHERE)
                    .put(member)
                    .array();
        }
        return new byte[] {((Plain) this).code};
    }

    /** @throws IllegalArgumentException if the bytes are none */
    static LinkReply read(ByteBuffer words) {
        if (words.remaining() > 1 && words.get(words.position()) == ELSEWHERE) {
            return new Elsewhere(UTF_8.decode(words.slice(words.position() + 1, words.remaining() - 1))
                    .toString());
        }
        for (Plain each : Plain.values()) {
            if (words.remaining() == 1 && words.get(words.position()) == each.code) {
                return each;
            }
        }
        throw new IllegalArgumentException("a node answered something that is unknown here; is it of this version?");
    }
}
