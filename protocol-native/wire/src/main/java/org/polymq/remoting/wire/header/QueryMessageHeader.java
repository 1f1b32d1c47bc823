/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import org.polymq.remoting.wire.ExtFields;

/**
 * Code 12: the messages of a topic by a key or an id.
 *
 * @param beginTimestamp stored at or after, ms
 * @param endTimestamp stored at or before, ms
 * @param byUniqueKey whether the key is a unique id
 * @param byTag whether it is a tag: 5.5 clients can ask so
 */
public record QueryMessageHeader(
        String topic,
        String key,
        int maxNum,
        long beginTimestamp,
        long endTimestamp,
        boolean byUniqueKey,
        boolean byTag) {
    private static final String UNIQUE = "U";
    private static final String TAG = "T";

    public static QueryMessageHeader of(ExtFields fields) {
        String type = fields.string("indexType", "");
        return new QueryMessageHeader(
                fields.string("topic"),
                fields.string("key"),
                fields.integer("maxNum"),
                fields.number("beginTimestamp"),
                fields.number("endTimestamp"),
                fields.flag("_UNIQUE_KEY_QUERY", false) || type.equals(UNIQUE),
                type.equals(TAG));
    }
}
