/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.state.QueueReader;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.Language;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Codes 203, 204, 307, 309 and 328: who is connected, and questions that are passed on to a consumer. */
final class ConnectionAdmin {
    /** Tools give up after 5 s. */
    private static final long PATIENCE_MILLIS = 4_500;

    private static final int POSITION_DIGITS = 16;

    private final ConsumerGroups members;
    private final Producers producers;
    private final LongSupplier steadyMillis;
    private final InstantSource clock;
    private final MessageReader messages;
    private final QueueReader queues;

    ConnectionAdmin(
            ConsumerGroups members,
            Producers producers,
            MessageReader messages,
            QueueReader queues,
            LongSupplier steadyMillis,
            InstantSource clock) {
        this.members = members;
        this.producers = producers;
        this.steadyMillis = steadyMillis;
        this.clock = clock;
        this.messages = messages;
        this.queues = queues;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.GET_CONSUMER_CONNECTION_LIST, this::consumers);
        handlers.put(RequestCode.GET_PRODUCER_CONNECTION_LIST, this::producers);
        handlers.put(RequestCode.GET_ALL_PRODUCER_INFO, this::allProducers);
        handlers.put(RequestCode.GET_CONSUMER_RUNNING_INFO, this::runningInfo);
        handlers.put(RequestCode.CONSUME_MESSAGE_DIRECTLY, this::consumeDirectly);
    }

    private void consumers(RemotingCommand request, NativeConnection from) {
        String group = request.fields().string("consumerGroup");
        ConsumerGroups.Membership online = online(group);
        JsonText out = new JsonText();
        out.open().name("connectionSet").openList();
        for (ConsumerGroups.Online member : online.members()) {
            ConsumerGroups.Client client = member.client();
            connection(client.id(), client.language(), client.version(), member.connection(), out);
        }
        out.closeList();
        out.name("consumeFromWhere").value(online.latest().consumeFromWhere());
        out.name("consumeType").value(online.latest().consumeType());
        out.name("messageModel").value(online.latest().messageModel());
        out.name("subscriptionTable").open();
        online.subscriptions().forEach(subscription -> subscription.write(out.name(subscription.topic())));
        from.answer(request, request.answer(out.close().close().bytes()));
    }

    private ConsumerGroups.Membership online(String group) {
        return members.membership(group)
                .orElseThrow(() -> new BadRequestException(
                        ResponseCode.CONSUMER_NOT_ONLINE, "the consumer group[" + group + "] not online"));
    }

    private void producers(RemotingCommand request, NativeConnection from) {
        String group = request.fields().string("producerGroup");
        List<Producers.Producer> online = producers.of(group);
        if (online.isEmpty()) {
            throw new BadRequestException(ResponseCode.SYSTEM_ERROR, "the producer group[" + group + "] not exist");
        }
        JsonText out = new JsonText();
        out.open().name("connectionSet").openList();
        for (Producers.Producer producer : online) {
            connection(producer.clientId(), producer.language(), producer.version(), producer.connection(), out);
        }
        from.answer(request, request.answer(out.closeList().close().bytes()));
    }

    private void allProducers(RemotingCommand request, NativeConnection from) {
        long steadyToWall = clock.millis() - steadyMillis.getAsLong();
        JsonText out = new JsonText();
        out.open().name("data").open();
        for (String group : producers.names()) {
            out.name(group).openList();
            for (Producers.Producer producer : producers.of(group)) {
                out.open().name("clientId").value(producer.clientId());
                out.name("language").value(producer.language().name());
                out.name("lastUpdateTimestamp").value(producer.seenAt() + steadyToWall);
                out.name("remoteIP").value(producer.connection().remoteAddress());
                out.name("version").value(producer.version()).close();
            }
            out.closeList();
        }
        from.answer(request, request.answer(out.close().close().bytes()));
    }

    private static void connection(
            String clientId, Language language, int version, NativeConnection connection, JsonText out) {
        out.open().name("clientAddr").value(connection.remoteAddress());
        out.name("clientId").value(clientId);
        out.name("language").value(language.name());
        out.name("version").value(version).close();
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
        NativeConnection client = online(group).members().stream()
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
                    from.execute(() -> from.answer(request, request.answer(ResponseCode.SYSTEM_ERROR, remark)));
                });
        client.execute(() -> client.calls().ask(request.code(), request.fields(), body, PATIENCE_MILLIS, relay));
    }
}
