/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONObject;
import java.util.List;
import java.util.Map;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/**
 * How a broker serves a topic.
 *
 * @param perm bits: 4 readable, 2 writable, 1 a template for new topics
 * @param sysFlag RocketMQ's {@code topicSysFlag}
 * @param attributes such as {@code message.type}; in a request the names begin with {@code +} or {@code -}
 */
public record TopicConfig(
        String name,
        int readQueues,
        int writeQueues,
        int perm,
        int sysFlag,
        boolean order,
        Map<String, String> attributes) {
    public static final int PERM_INHERIT = 1;
    public static final int PERM_WRITE = 1 << 1;
    public static final int PERM_READ = 1 << 2;
    public static final int PERM_READ_WRITE = PERM_READ | PERM_WRITE;

    /** A topic without attributes. */
    public TopicConfig(String name, int readQueues, int writeQueues, int perm, int sysFlag, boolean order) {
        this(name, readQueues, writeQueues, perm, sysFlag, order, Map.of());
    }

    public TopicConfig {
        attributes = Map.copyOf(attributes);
        if (name.isEmpty() || readQueues < 0 || writeQueues < 0) {
            throw BadRequestException.field("topic <" + name + "> with " + readQueues + " read and " + writeQueues
                    + " write queues cannot be registered");
        }
    }

    static TopicConfig of(JSONObject json) {
        return new TopicConfig(
                JsonFields.string(json, "topicName"),
                JsonFields.integer(json, "readQueueNums", 16),
                JsonFields.integer(json, "writeQueueNums", 16),
                JsonFields.integer(json, "perm", PERM_READ_WRITE),
                JsonFields.integer(json, "topicSysFlag", 0),
                JsonFields.flag(json, "order", false),
                JsonFields.texts(json, "attributes"));
    }

    /** The body of code 18: several topics. */
    public static List<TopicConfig> ofList(byte[] body) {
        return JsonFields.objects(JsonSafety.object(body), "topicConfigList", TopicConfig::of);
    }

    /** The body of code 351's answer. */
    public byte[] encode() {
        JsonText out = new JsonText();
        write(out);
        return out.bytes();
    }

    /** RocketMQ's short form, used in compressed registrations: {@code name readQueues writeQueues perm filterType}. */
    static TopicConfig ofShortForm(String text) {
        String[] parts = text.split(" ", 6);
        if (parts.length < 4) {
            throw BadRequestException.field("no topic in short form: " + text);
        }
        try {
            return new TopicConfig(
                    parts[0],
                    Integer.parseInt(parts[1]),
                    Integer.parseInt(parts[2]),
                    Integer.parseInt(parts[3]),
                    0,
                    false);
        } catch (NumberFormatException e) {
            throw BadRequestException.field("no topic in short form: " + text);
        }
    }

    String toShortForm() {
        return name + ' ' + readQueues + ' ' + writeQueues + ' ' + perm + " SINGLE_TAG";
    }

    /** Writes this as a value. */
    public void write(JsonText out) {
        out.open().name("attributes").table(attributes);
        out.name("order").value(order);
        out.name("perm").value(perm);
        out.name("readQueueNums").value(readQueues);
        out.name("topicFilterType").value("SINGLE_TAG");
        out.name("topicName").value(name);
        out.name("topicSysFlag").value(sysFlag);
        out.name("writeQueueNums").value(writeQueues).close();
    }
}
