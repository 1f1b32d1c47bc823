/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import java.util.Collection;
import java.util.Map;
import org.polymq.remoting.wire.JsonText;

/** Answers that are one list of names or one table of texts. */
public final class TextLists {
    private TextLists() {}

    /** Codes 206 and 224: {@code {"topicList":[..]}}. */
    public static byte[] topics(Collection<String> names) {
        return list("topicList", names);
    }

    /** Code 38: {@code {"consumerIdList":[..]}}. */
    public static byte[] consumerIds(Collection<String> clientIds) {
        return list("consumerIdList", clientIds);
    }

    /** Codes 305 and 343: {@code {"brokerAddr":..,"topicList":[..]}}. */
    public static byte[] topics(Collection<String> names, String brokerAddress) {
        JsonText out = new JsonText();
        out.open().name("brokerAddr").value(brokerAddress);
        return out.name("topicList").texts(names).close().bytes();
    }

    /** Code 300: {@code {"groupList":[..]}}. */
    public static byte[] groups(Collection<String> names) {
        return list("groupList", names);
    }

    /** Codes 103 and 219: {@code {"table":{..}}}. */
    public static byte[] table(Map<String, String> entries) {
        JsonText out = new JsonText();
        out.open().name("table").open();
        entries.forEach((name, value) -> out.name(name).value(value));
        return out.close().close().bytes();
    }

    private static byte[] list(String name, Collection<String> values) {
        JsonText out = new JsonText();
        out.open().name(name).openList();
        values.forEach(out::value);
        return out.closeList().close().bytes();
    }
}
