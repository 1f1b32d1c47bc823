/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.Arrays;
import java.util.List;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * What a consumer wants of a topic.
 *
 * @param expression {@code *}, tags joined by {@code ||}, or an SQL92 expression
 * @param expressionType {@code TAG} or {@code SQL92}
 * @param version rises with each change (ms since the epoch)
 */
public record SubscriptionData(
        String topic,
        String expression,
        String expressionType,
        List<String> tags,
        List<Integer> tagHashes,
        long version) {
    public SubscriptionData {
        tags = List.copyOf(tags);
        tagHashes = List.copyOf(tagHashes);
    }

    /** A subscription by tags as it stands in a pull request. */
    public static SubscriptionData ofTags(String topic, String expression, long version) {
        if (expression.isBlank() || expression.trim().equals("*")) {
            return new SubscriptionData(topic, "*", "TAG", List.of(), List.of(), version);
        }
        List<String> tags = Arrays.stream(expression.split("\\|\\|"))
                .map(String::trim)
                .filter(tag -> !tag.isEmpty())
                .distinct()
                .toList();
        List<Integer> hashes = tags.stream().map(String::hashCode).toList();
        return new SubscriptionData(topic, expression, "TAG", tags, hashes, version);
    }

    /** The subscription in the body of code 46. */
    public static SubscriptionData ofCheck(byte[] body) {
        return of(JsonFields.object(JsonSafety.object(body), "subscriptionData"));
    }

    static SubscriptionData of(JSONObject json) {
        return new SubscriptionData(
                JsonFields.string(json, "topic"),
                JsonFields.string(json, "subString", "*"),
                JsonFields.string(json, "expressionType", "TAG"),
                JsonFields.strings(json, "tagsSet"),
                JsonFields.integers(json, "codeSet"),
                JsonFields.number(json, "subVersion", 0));
    }

    /** Writes this as a value. */
    public JsonText write(JsonText out) {
        out.open().name("classFilterMode").value(false);
        out.name("codeSet").openList();
        tagHashes.forEach(hash -> out.value(hash.longValue()));
        out.closeList().name("expressionType").value(expressionType.isEmpty() ? "TAG" : expressionType);
        out.name("subString").value(expression);
        out.name("subVersion").value(version);
        return out.name("tagsSet").texts(tags).name("topic").value(topic).close();
    }

    public boolean isByTag() {
        return expressionType.isEmpty() || expressionType.equals("TAG");
    }

    public boolean isBySql() {
        return expressionType.equals("SQL92");
    }

    /** A subscription as it stands in a request: {@code type} may be empty. */
    public static SubscriptionData of(String topic, String expression, String type, long version) {
        if (type.isEmpty() || type.equals("TAG")) {
            return ofTags(topic, expression, version);
        }
        return new SubscriptionData(topic, expression, type, List.of(), List.of(), version);
    }

    /** Whether every message is wanted. */
    public boolean wantsAll() {
        return isByTag() && tagHashes.isEmpty();
    }
}
