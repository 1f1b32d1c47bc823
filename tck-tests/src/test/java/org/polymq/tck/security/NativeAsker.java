/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.polymq.tck.server.Endpoints;
import org.polymq.tck.server.NativeFrames;
import org.polymq.tck.server.NativeFrames.Answer;

/** Asks in RocketMQ's frames. */
final class NativeAsker {
    private static final int NO_PERMISSION = 16;

    private final Endpoints server;
    private final Person who;

    NativeAsker(Endpoints server, Person who) {
        this.server = server;
        this.who = who;
    }

    Verdict send(String topic, String path) throws IOException {
        return ask(10, fields(topic, properties("TOPIC_PATH", path)), new byte[] {1});
    }

    Verdict sendToQueue(String queue) throws IOException {
        return ask(10, fields(queue, ""), new byte[] {1});
    }

    Verdict sendRetained(String topic, String path) throws IOException {
        return ask(10, fields(topic, properties("TOPIC_PATH", path, "MQTT_RETAIN", "1")), new byte[] {1});
    }

    Verdict sendHalf(String topic, String path) throws IOException {
        String properties = properties("TOPIC_PATH", path, "TRAN_MSG", "true", "PGROUP", "p", "UNIQ_KEY", "u");
        return ask(10, fields(topic, properties), new byte[] {1});
    }

    /** Everything under a topic, as a group. */
    Verdict pull(String topic, String group) throws IOException {
        Map<String, String> fields = fields(topic, "");
        fields.put("consumerGroup", group);
        fields.put("subscription", "*");
        fields.put("sysFlag", "4");
        fields.put("maxMsgNums", "1");
        return ask(11, fields, new byte[0]);
    }

    Verdict pop(String topic, String group) throws IOException {
        Map<String, String> fields = fields(topic, "");
        fields.put("consumerGroup", group);
        fields.put("maxMsgNums", "1");
        fields.put("queueId", "-1");
        fields.put("invisibleTime", "60000");
        return ask(200050, fields, new byte[0]);
    }

    Verdict heartbeat(String clientId, String group, String topic) throws IOException {
        String body = "{\"clientID\":\"" + clientId + "\",\"consumerDataSet\":[{\"groupName\":\"" + group
                + "\",\"consumeType\":\"CONSUME_PASSIVELY\",\"messageModel\":\"CLUSTERING\",\"consumeFromWhere\":"
                + "\"CONSUME_FROM_LAST_OFFSET\",\"subscriptionDataSet\":[{\"topic\":\"" + topic
                + "\",\"subString\":\"*\",\"expressionType\":\"TAG\"}]}]}";
        return ask(34, Map.of(), body.getBytes(StandardCharsets.UTF_8));
    }

    Verdict heartbeat(String clientId) throws IOException {
        return ask(
                34,
                Map.of(),
                ("{\"clientID\":\"" + clientId + "\",\"producerDataSet\":[{\"groupName\":\"p\"}]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    Verdict createTopic(String topic) throws IOException {
        Map<String, String> fields = fields(topic, "");
        fields.put("perm", "6");
        return ask(17, fields, new byte[0]);
    }

    Verdict route(String topic) throws IOException {
        try (NativeFrames client = new NativeFrames(server.nameServer())) {
            return verdict(client.ask(105, Map.of("topic", topic), new byte[0], who.key()));
        }
    }

    static Map<String, String> fields(String topic, String properties) {
        Map<String, String> fields = RequestCodes.fields(10, 0);
        fields.put("topic", topic);
        fields.put("properties", properties);
        return fields;
    }

    /** Names and values as RocketMQ writes them. */
    static String properties(String... namesAndValues) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            out.append(namesAndValues[i])
                    .append('\u0001')
                    .append(namesAndValues[i + 1])
                    .append('\u0002');
        }
        return out.toString();
    }

    private Verdict ask(int code, Map<String, String> fields, byte[] body) throws IOException {
        try (NativeFrames client = new NativeFrames(server.nativePort())) {
            return verdict(client.ask(code, fields, body, who.key()));
        }
    }

    private static Verdict verdict(Answer answer) {
        if (answer.code() != NO_PERMISSION) {
            return Verdict.DONE;
        }
        return answer.header().contains("credentials are required")
                        || answer.header().contains("wrong access key")
                        || answer.header().contains("too many failed logins")
                ? Verdict.NOT_AUTHENTICATED
                : Verdict.NO_PERMISSION;
    }
}
