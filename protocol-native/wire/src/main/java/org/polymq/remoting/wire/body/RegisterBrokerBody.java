/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.body;

import com.alibaba.fastjson2.JSONArray;
import com.alibaba.fastjson2.JSONException;
import com.alibaba.fastjson2.JSONObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;

/** The body of code 103: all topics of a broker, in plain JSON or in RocketMQ's deflated form. */
public record RegisterBrokerBody(DataVersion version, Map<String, TopicConfig> topics, List<String> filterServers) {
    /** What a deflated body may hold at most: it could be a thousand times its size on the wire. */
    private static final int MAX_INFLATED = 128 * 1024 * 1024;

    public RegisterBrokerBody {
        topics = Map.copyOf(topics);
        filterServers = List.copyOf(filterServers);
    }

    /**
     * Reads a body.
     *
     * @throws BadRequestException when it is malformed or too large
     */
    public static RegisterBrokerBody of(byte[] body, boolean compressed) {
        return compressed ? ofDeflated(body) : ofJson(body);
    }

    private static RegisterBrokerBody ofJson(byte[] body) {
        JSONObject json = JsonSafety.object(body);
        JSONObject wrapper = JsonFields.object(json, "topicConfigSerializeWrapper");
        return new RegisterBrokerBody(
                DataVersion.of(JsonFields.object(wrapper, "dataVersion")),
                JsonFields.map(wrapper, "topicConfigTable", TopicConfig::of),
                JsonFields.strings(json, "filterServerList"));
    }

    private static RegisterBrokerBody ofDeflated(byte[] body) {
        try (DataInputStream in =
                new DataInputStream(new BoundedInput(new InflaterInputStream(new ByteArrayInputStream(body))))) {
            DataVersion version = DataVersion.of(block(in));
            int count = in.readInt();
            Map<String, TopicConfig> topics = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                TopicConfig topic = TopicConfig.ofShortForm(new String(block(in), StandardCharsets.UTF_8));
                topics.put(topic.name(), topic);
            }
            JSONArray servers = JSONArray.parse(new String(block(in), StandardCharsets.UTF_8));
            return new RegisterBrokerBody(version, topics, servers == null ? List.of() : servers.toList(String.class));
        } catch (IOException | JSONException e) {
            throw BadRequestException.field("the deflated registration is malformed: " + e.getMessage());
        }
    }

    private static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_INFLATED) {
            throw new IOException("a part of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("it ends early");
        }
        return bytes;
    }

    public byte[] encode(boolean compressed) {
        return compressed ? deflated() : json();
    }

    private byte[] json() {
        JsonText out = new JsonText();
        out.open().name("filterServerList").openList();
        filterServers.forEach(out::value);
        out.closeList().name("topicConfigSerializeWrapper").open().name("dataVersion");
        version.write(out).name("topicConfigTable").open();
        topics.forEach((name, topic) -> topic.write(out.name(name)));
        return out.close().close().close().bytes();
    }

    private byte[] deflated() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            block(out, version.encode());
            out.writeInt(topics.size());
            for (TopicConfig topic : topics.values()) {
                block(out, topic.toShortForm().getBytes(StandardCharsets.UTF_8));
            }
            block(out, JSONArray.from(filterServers).toString().getBytes(StandardCharsets.UTF_8));
            out.writeInt(0); // no static topics
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void block(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Ends with an error where a small deflated body would fill the memory. */
    private static final class BoundedInput extends java.io.FilterInputStream {
        private long left = MAX_INFLATED;

        BoundedInput(InflaterInputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            count(1);
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            count(read);
            return read;
        }

        private void count(int read) throws IOException {
            left -= read;
            if (left < 0) {
                throw new IOException("it inflates to more than " + MAX_INFLATED + " bytes");
            }
        }
    }
}
