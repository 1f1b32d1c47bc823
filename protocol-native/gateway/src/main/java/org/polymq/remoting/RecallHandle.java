/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;

/**
 * What a producer takes a timer message back by: URL-safe Base64 of the words "v1 topic broker due id", which
 * RocketMQ's clients read too.
 *
 * @param topic the native topic
 * @param due ms since the epoch
 * @param id the message's UNIQ_KEY
 */
record RecallHandle(String topic, String broker, long due, String id) {
    private static final String VERSION = "v1";

    String encode() {
        String words = String.join(" ", VERSION, topic, broker, Long.toString(due), id);
        return Base64.getUrlEncoder().encodeToString(words.getBytes(UTF_8));
    }

    /** @throws BadRequestException ILLEGAL_OPERATION, as RocketMQ's broker answers */
    static RecallHandle decode(String text) {
        try {
            String[] words = new String(Base64.getUrlDecoder().decode(text.getBytes(UTF_8)), UTF_8).split(" ", -1);
            if (words.length >= 5 && words[0].equals(VERSION)) {
                return new RecallHandle(words[1], words[2], Long.parseLong(words[3]), words[4]);
            }
        } catch (IllegalArgumentException e) {
            throw new BadRequestException(
                    ResponseCode.ILLEGAL_OPERATION, "recall handle is invalid: " + e.getMessage());
        }
        throw new BadRequestException(ResponseCode.ILLEGAL_OPERATION, "recall handle is invalid");
    }
}
