/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/**
 * Codes 223 (asked of each consumer with 221), 307 and 309: questions of an operator that only a consumer can answer.
 * They are passed on to it, and its answer back.
 */
final class ConsumerQuestions {
    /** Tools give up after 5 s. */
    private static final long PATIENCE_MILLIS = 4_500;

    private static final int POSITION_DIGITS = 16;
    private static final String TABLE = "\"messageQueueTable\":";

    private final ConsumerGroups members;
    private final MessageReader messages;
    private final QueueReader queues;

    ConsumerQuestions(ConsumerGroups members, MessageReader messages, QueueReader queues) {
        this.members = members;
        this.messages = messages;
        this.queues = queues;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.GET_CONSUMER_RUNNING_INFO, this::runningInfo);
        handlers.put(RequestCode.CONSUME_MESSAGE_DIRECTLY, this::consumeDirectly);
        handlers.put(RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS, this::offsets);
    }

    /** The group with its members; CONSUMER_NOT_ONLINE if it has none. */
    static ConsumerGroups.Membership online(ConsumerGroups members, String group) {
        return members.membership(group)
                .orElseThrow(() -> new BadRequestException(
                        ResponseCode.CONSUMER_NOT_ONLINE, "the consumer group[" + group + "] not online"));
    }

    private void runningInfo(RemotingCommand request, NativeConnection from) {
        passOn(request, from, new byte[0]);
    }

    /** Reads the message named and has the client consume it at once, beside its own offsets. */
    private void consumeDirectly(RemotingCommand request, NativeConnection from) {
        String id = request.fields().string("msgId", "");
        byte[] body = id.isEmpty() ? new byte[0] : message(id, from);
        passOn(request, from, body);
    }

    private byte[] message(String id, NativeConnection from) {
        long position;
        try {
            position = Long.parseUnsignedLong(id.substring(Math.max(0, id.length() - POSITION_DIGITS)), 16);
        } catch (NumberFormatException e) {
            throw BadRequestException.field("the message id " + id + " is no id given by a broker");
        }
        StoredMessage message = messages.read(position);
        long offset = queues.offsetOf(Topic.queueKey(message.topicId(), message.queueId()), position);
        ByteBuf image = Unpooled.buffer(message.record().remaining());
        StoredMessage.copyNativeImage(message.record(), image, offset, position, from.storeHost());
        return ByteBufUtil.getBytes(image);
    }

    private void passOn(RemotingCommand request, NativeConnection from, byte[] body) {
        String group = request.fields().string("consumerGroup");
        String clientId = request.fields().string("clientId");
        NativeConnection client = online(members, group).members().stream()
                .filter(member -> member.client().id().equals(clientId))
                .findFirst()
                .orElseThrow(() -> new BadRequestException(
                        ResponseCode.SYSTEM_ERROR, "The Consumer <" + group + "> <" + clientId + "> not online"))
                .connection();
        Reply<RemotingCommand> relay = Reply.of(
                answer -> {
                    RemotingCommand relayed =
                            request.answer(answer.code(), answer.remark(), answer.fields(), answer.body());
                    from.execute(() -> from.answer(request, relayed));
                },
                refused -> {
                    String remark = "consumer <" + group + "> <" + clientId + ">: " + refused.getMessage();
                    from.execute(() -> from.answer(request, request.answer(codeOf(refused), remark)));
                });
        client.execute(() -> client.calls().ask(request.code(), request.fields(), body, PATIENCE_MILLIS, relay));
    }

    private static int codeOf(BrokerException refused) {
        return refused.reason() == Reason.UNAVAILABLE ? ResponseCode.CONSUME_MSG_TIMEOUT : ResponseCode.SYSTEM_ERROR;
    }

    // ---- where each consumer believes to be

    private void offsets(RemotingCommand request, NativeConnection from) {
        String group = request.fields().string("group");
        String topic = request.fields().string("topic");
        String only = request.fields().string("clientAddr", "");
        List<ConsumerGroups.Online> asked = online(members, group).members().stream()
                .filter(member -> only.isBlank() || member.client().id().equals(only))
                .toList();
        if (asked.isEmpty()) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR, "The Consumer <" + group + "> <" + only + "> not online");
        }
        Collected collected = new Collected(request, from, asked.size());
        ExtFields question = new ExtFields().with("topic", topic).with("group", group);
        for (ConsumerGroups.Online member : asked) {
            String id = member.client().id();
            NativeConnection client = member.connection();
            Reply<RemotingCommand> reply = Reply.of(
                    answer -> collected.add(id, answer),
                    refused -> collected.failed(id, String.valueOf(refused.getMessage())));
            client.execute(() -> client.calls()
                    .ask(RequestCode.GET_CONSUMER_STATUS_FROM_CLIENT, question, new byte[0], PATIENCE_MILLIS, reply));
        }
    }

    /** The answers of several consumers to one question. Confined to its monitor. */
    private static final class Collected {
        private final RemotingCommand request;
        private final NativeConnection from;
        private final Map<String, String> tables = new TreeMap<>();
        private int left;
        private String trouble = "";

        Collected(RemotingCommand request, NativeConnection from, int left) {
            this.request = request;
            this.from = from;
            this.left = left;
        }

        void add(String clientId, RemotingCommand answer) {
            String table = answer.code() == ResponseCode.SUCCESS ? tableIn(answer.body()) : "";
            if (table.isEmpty()) {
                failed(clientId, "it answered with code " + answer.code() + " " + answer.remark());
                return;
            }
            synchronized (this) {
                tables.put(clientId, table);
                count();
            }
        }

        synchronized void failed(String clientId, String why) {
            trouble = "consumer <" + clientId + ">: " + why;
            count();
        }

        private void count() {
            if (--left > 0) {
                return;
            }
            RemotingCommand answer =
                    trouble.isEmpty() ? request.answer(body()) : request.answer(ResponseCode.SYSTEM_ERROR, trouble);
            from.execute(() -> from.answer(request, answer));
        }

        private byte[] body() {
            JsonText out = new JsonText();
            out.open().name("consumerTable").open();
            tables.forEach((clientId, table) -> out.name(clientId).raw(table));
            return out.close().name("messageQueueTable").open().close().close().bytes();
        }
    }

    /** The table in an answer to 221: its names are objects, which no JSON library reads. */
    private static String tableIn(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        int start = text.indexOf(TABLE);
        if (start < 0) {
            return "";
        }
        start += TABLE.length();
        int depth = 0;
        boolean quoted = false;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return text.substring(start, i + 1);
            }
        }
        return "";
    }
}
