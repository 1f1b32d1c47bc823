/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.nullbroker;

import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.BrokerData;
import org.polymq.remoting.wire.body.QueueData;
import org.polymq.remoting.wire.body.TopicRouteData;
import org.polymq.remoting.wire.header.RouteHeader;

/** What the null broker says. Safe from any thread. */
final class Answers {
    private static final String BROKER = "broker-1";
    private static final int QUEUES = 4;
    private static final int READ_WRITE = 6;

    private final AtomicLong offsets = new AtomicLong();
    private final BrokerData broker;

    /** With the address under which this broker is reached. */
    Answers(String address) {
        TreeMap<Long, String> addresses = new TreeMap<>();
        addresses.put(0L, address);
        this.broker = new BrokerData("DefaultCluster", BROKER, addresses);
    }

    RemotingCommand to(RemotingCommand request) {
        return switch (request.code()) {
            case RequestCode.GET_ROUTEINFO_BY_TOPIC -> route(request);
            case RequestCode.SEND_MESSAGE -> stored(request, request.fields().string("queueId"));
            case RequestCode.SEND_MESSAGE_V2, RequestCode.SEND_BATCH_MESSAGE ->
                stored(request, request.fields().string("e"));
            case RequestCode.HEART_BEAT, RequestCode.UNREGISTER_CLIENT -> request.answer(ResponseCode.SUCCESS, null);
            default ->
                request.answer(
                        ResponseCode.REQUEST_CODE_NOT_SUPPORTED, "the null broker knows no code " + request.code());
        };
    }

    private RemotingCommand route(RemotingCommand request) {
        boolean standard = RouteHeader.of(request.fields()).acceptStandardJsonOnly()
                || request.version() >= RemotingCommand.VERSION_4_9_4;
        QueueData queues = new QueueData(BROKER, QUEUES, QUEUES, READ_WRITE, 0);
        return request.answer(new TopicRouteData("", List.of(broker), List.of(queues)).encode(standard));
    }

    private RemotingCommand stored(RemotingCommand request, String queueId) {
        long offset = offsets.getAndIncrement();
        return request.answer(new ExtFields()
                .with(
                        "msgId",
                        "7F00000100002A9F" + HexFormat.of().withUpperCase().toHexDigits(offset))
                .with("queueId", queueId)
                .with("queueOffset", offset));
    }
}
