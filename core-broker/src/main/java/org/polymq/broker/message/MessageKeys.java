/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * By which words a message is found: its id (UNIQ_KEY) and each word of its keys (KEYS, words between spaces).
 * Stateless.
 */
public final class MessageKeys {
    private static final byte[] KEYS = NativeNames.KEYS.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UNIQ_KEY = NativeNames.UNIQ_KEY.getBytes(StandardCharsets.US_ASCII);
    private static final byte NAME_END = 1;
    private static final byte PROPERTY_END = 2;

    private MessageKeys() {}

    /** Takes a word of a record. */
    @FunctionalInterface
    private interface Words {
        /** Bytes from {@code from} to below {@code to} are a word. */
        void word(byte[] bytes, int from, int to);
    }

    /** Tells the hash of each word of a message's record, position to limit. */
    public static void hashes(ByteBuffer record, IntConsumer hashes) {
        int topicId = MessageRecord.topicId(record);
        forEach(record, true, true, (bytes, from, to) -> hashes.accept(hash(topicId, bytes, from, to)));
    }

    /** The hash of one word in one topic. */
    public static int hash(int topicId, String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        return hash(topicId, bytes, 0, bytes.length);
    }

    /** Whether a message's record has the word as its id or among its keys. */
    public static boolean has(ByteBuffer record, String word) {
        return has(record, word, true, true);
    }

    /** Whether a message's record has the word as its id. */
    public static boolean hasId(ByteBuffer record, String id) {
        return has(record, id, true, false);
    }

    /** Whether a message's record has the word among its keys. */
    public static boolean hasKey(ByteBuffer record, String key) {
        return has(record, key, false, true);
    }

    private static boolean has(ByteBuffer record, String word, boolean ids, boolean keys) {
        byte[] wanted = word.getBytes(StandardCharsets.UTF_8);
        boolean[] found = {false};
        forEach(record, ids, keys, (bytes, from, to) -> found[0] |= is(bytes, from, to, wanted));
        return found[0];
    }

    /** Works on a copy of what follows the body: bytes of a mapped file are slow to read one by one. */
    private static void forEach(ByteBuffer original, boolean ids, boolean keys, Words words) {
        ByteBuffer record = original.position() == 0 ? original : original.slice();
        int from = record.getInt(MessageRecord.PROPERTIES_OFFSET);
        int end = record.getInt(MessageRecord.EXTENSION_OFFSET) - from;
        byte[] bytes = new byte[record.limit() - from];
        record.get(from, bytes);
        int at = 0;
        while (at < end) {
            int value = find(bytes, at, end, NAME_END) + 1;
            int next = find(bytes, value, end, PROPERTY_END);
            if (keys && is(bytes, at, value - 1, KEYS)) {
                split(bytes, value, next, words);
            } else if (ids && is(bytes, at, value - 1, UNIQ_KEY)) {
                words.word(bytes, value, next);
            }
            at = next + 1;
        }
        if (end < bytes.length) {
            ByteBuffer extension = ByteBuffer.wrap(bytes);
            whole(keys ? Extension.bytes(extension, end, Extension.KEYS) : null, true, words);
            whole(ids ? Extension.bytes(extension, end, Extension.ID) : null, false, words);
        }
    }

    private static void whole(@Nullable ByteBuffer value, boolean split, Words words) {
        if (value == null) {
            return;
        }
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        if (split) {
            split(bytes, 0, bytes.length, words);
        } else {
            words.word(bytes, 0, bytes.length);
        }
    }

    private static void split(byte[] bytes, int from, int to, Words words) {
        int start = from;
        for (int at = from; at <= to; at++) {
            if (at == to || bytes[at] == ' ') {
                if (at > start) {
                    words.word(bytes, start, at);
                }
                start = at + 1;
            }
        }
    }

    private static int find(byte[] bytes, int from, int end, byte wanted) {
        int at = from;
        while (at < end && bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    private static boolean is(byte[] bytes, int from, int to, byte[] name) {
        return Arrays.equals(bytes, from, Math.max(from, to), name, 0, name.length);
    }

    /** Spread evenly: the index of a segment is searched by where a hash ought to be. */
    private static int hash(int topicId, byte[] bytes, int from, int to) {
        int h = topicId * 0x9e3779b9;
        for (int at = from; at < to; at++) {
            h = (h ^ (bytes[at] & 0xFF)) * 0x01000193;
            h ^= h >>> 15;
        }
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }
}
