/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.message.Bodies;
import org.polymq.broker.message.Correlation;
import org.polymq.broker.message.JmsProperties;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MqttProperties;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.Property;
import org.polymq.broker.message.StoredMessage;

/** One stored message as the API shows it: in a row of a list, and whole in the terms of all three protocols. */
final class MessageViews {
    /** How much of a body is shown, bytes. */
    private static final int SHOWN = 64 * 1024;
    /** How much of a body is shown in a list, bytes. */
    static final int PREVIEW = 80;

    private MessageViews() {}

    /**
     * A row of a list.
     *
     * @param position of the log: the message's name in this API
     */
    record Row(
            long position,
            int queue,
            long offset,
            String storedAt,
            String topic,
            String origin,
            @Nullable String id,
            @Nullable String keys,
            @Nullable String tag,
            int size,
            String preview) {}

    /** Everything about a message. */
    record Whole(
            long position,
            int queue,
            long offset,
            String storedAt,
            String bornAt,
            @Nullable String bornHost,
            String origin,
            boolean durable,
            @Nullable String expiresAt,
            int priority,
            int reconsumeTimes,
            Body body,
            NativeView nativeView,
            JmsView jms,
            MqttView mqtt) {}

    /**
     * A body, as text where it is text.
     *
     * @param truncated whether only the beginning is shown
     */
    record Body(int size, String encoding, String content, boolean truncated) {}

    record NativeView(String topic, int queueId, long queueOffset, Map<String, String> properties) {}

    record JmsView(
            String destination,
            String messageId,
            @Nullable String correlationId,
            @Nullable String replyTo,
            @Nullable String type,
            String messageType,
            String deliveryMode,
            int priority,
            Map<String, String> properties) {}

    record MqttView(
            String topic,
            int qos,
            boolean retain,
            @Nullable String contentType,
            @Nullable Integer payloadFormat,
            @Nullable String responseTopic,
            @Nullable String correlationData,
            List<String> userProperties) {}

    static @Nullable String bornHost(Message headers) {
        InetSocketAddress host = headers.bornHost();
        return host == null ? null : host.getAddress().getHostAddress() + ":" + host.getPort();
    }

    static String origin(StoredMessage stored) {
        return stored.origin().name().toLowerCase(Locale.ROOT);
    }

    static Row row(StoredMessage stored, long offset, boolean isQueue) {
        Message headers = stored.toHeaders();
        Body body = body(stored, PREVIEW);
        return new Row(
                stored.position(),
                stored.queueId(),
                offset,
                Texts.time(stored.storeTime()),
                isQueue
                        ? "$queue/" + headers.address().topic()
                        : headers.address().name(),
                origin(stored),
                headers.id(),
                headers.keys(),
                headers.tag(),
                body.size(),
                body.content());
    }

    static Whole whole(StoredMessage stored, long offset, boolean isQueue) {
        Message headers = stored.toHeaders();
        return new Whole(
                stored.position(),
                stored.queueId(),
                offset,
                Texts.time(stored.storeTime()),
                Texts.time(headers.bornTime()),
                bornHost(headers),
                origin(stored),
                stored.isDurable(),
                stored.expiresAt() == 0 ? null : Texts.time(stored.expiresAt()),
                stored.priority(),
                headers.reconsumeTimes(),
                body(stored, SHOWN),
                new NativeView(
                        stored.nativeTopic(),
                        stored.queueId(),
                        offset,
                        new TreeMap<>(NativeProperties.toMap(stored.propertiesForNative()))),
                jms(headers, isQueue),
                mqtt(stored, headers, isQueue));
    }

    private static JmsView jms(Message headers, boolean isQueue) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (Property property : JmsProperties.of(headers)) {
            properties.put(property.name(), property.text());
        }
        return new JmsView(
                isQueue ? "queue " + headers.address().topic() : "topic " + Names.toJms(headers.address()),
                "ID:" + (headers.id() == null ? "" : headers.id()),
                correlation(headers),
                headers.replyTo() == null ? null : headers.replyTo().toString(),
                headers.jmsType(),
                Bodies.forJms(headers).name().toLowerCase(Locale.ROOT),
                headers.durable() ? "PERSISTENT" : "NON_PERSISTENT",
                headers.priority(),
                properties);
    }

    private static MqttView mqtt(StoredMessage stored, Message headers, boolean isQueue) {
        List<String> user = new ArrayList<>();
        MqttProperties.forEach(headers, (name, value) -> user.add(name + "=" + value));
        int format = Bodies.payloadFormat(headers);
        return new MqttView(
                isQueue
                        ? "$queue/" + headers.address().topic()
                        : headers.address().name(),
                stored.qos(),
                stored.isRetain(),
                Bodies.contentType(headers),
                format < 0 ? null : format,
                headers.replyTo() == null ? null : headers.replyTo().mqttName(),
                correlation(headers),
                user);
    }

    private static @Nullable String correlation(Message headers) {
        byte[] bytes = headers.correlation();
        return bytes == null ? null : Correlation.toText(bytes);
    }

    /** The beginning of the body as consumers outside JMS see it; only what is shown is read of a large one. */
    static Body body(StoredMessage stored, int most) {
        return stored.isChunked()
                ? body(stored.bodyReader().next(), stored.bodyLength(), most)
                : body(stored.toMessage(), most);
    }

    /** The same of a message that need not be in the log. */
    static Body body(Message message, int most) {
        ByteBuffer whole = Bodies.outsideJms(message);
        return body(whole, whole.remaining(), most);
    }

    private static Body body(ByteBuffer whole, int size, int most) {
        byte[] bytes = new byte[Math.min(most, whole.remaining())];
        whole.get(whole.position(), bytes);
        boolean truncated = bytes.length < size;
        String text = text(bytes, truncated);
        return text != null
                ? new Body(size, "text", text, truncated)
                : new Body(size, "base64", Base64.getEncoder().encodeToString(bytes), truncated);
    }

    /** The bytes as text; null if they are not UTF-8, or hold what no text does. */
    private static @Nullable String text(byte[] bytes, boolean truncated) {
        CharBuffer text = CharBuffer.allocate(bytes.length);
        // Where only the beginning is shown, its last character may be cut in the middle: that is no error here.
        CoderResult result = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), text, !truncated);
        if (result.isError()) {
            return null;
        }
        String decoded = text.flip().toString();
        return decoded.chars().anyMatch(MessageViews::isNoText) ? null : decoded;
    }

    private static boolean isNoText(int character) {
        return character < 0x20 && character != '\n' && character != '\r' && character != '\t';
    }
}
