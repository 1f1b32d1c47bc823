/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.Language;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** Codes 203, 204 and 328: who is connected. */
final class ConnectionAdmin {
    private final ConsumerGroups members;
    private final Producers producers;
    private final LongSupplier steadyMillis;
    private final InstantSource clock;

    ConnectionAdmin(ConsumerGroups members, Producers producers, LongSupplier steadyMillis, InstantSource clock) {
        this.members = members;
        this.producers = producers;
        this.steadyMillis = steadyMillis;
        this.clock = clock;
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.GET_CONSUMER_CONNECTION_LIST, this::consumers);
        handlers.put(RequestCode.GET_PRODUCER_CONNECTION_LIST, this::producers);
        handlers.put(RequestCode.GET_ALL_PRODUCER_INFO, this::allProducers);
    }

    private void consumers(RemotingCommand request, NativeConnection from) {
        String group = request.fields().string("consumerGroup");
        ConsumerGroups.Membership online = ConsumerQuestions.online(members, group);
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
}
