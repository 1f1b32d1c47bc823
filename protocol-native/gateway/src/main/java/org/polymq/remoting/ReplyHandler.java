/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Address;
import org.polymq.broker.message.Destination;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.NativeNames;
import org.polymq.broker.message.NativeProperties;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.DirectDelivery;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.SendHeader;

/**
 * Codes 324 and 325: a responder answers a request. The answer goes to the native client that waits for it, or to the
 * topic, queue or client of another protocol that the request named.
 */
final class ReplyHandler implements RequestHandler {
    private final NativeRequesters requesters;
    private final Publisher publisher;
    private final NativeTopicNames names;
    private final InstantSource clock;

    ReplyHandler(NativeRequesters requesters, Publisher publisher, NativeTopicNames names, InstantSource clock) {
        this.requesters = requesters;
        this.publisher = publisher;
        this.names = names;
        this.clock = clock;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        SendHeader header = SendHeader.of(request);
        NativeTopicNames.Name name = names.of(header.topic());
        String replyTo = NativeProperties.get(header.properties(), NativeNames.REPLY_TO_CLIENT);
        if (replyTo == null) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    NativeNames.REPLY_TO_CLIENT + " is null, can not reply message: make the answer from its request"
                            + " by MessageUtil.createReplyMessage");
        }
        Destination to = NativeProperties.replyTo(replyTo);
        Answer answer = new Answer(request, header, from);
        String clientId = to.nativeClientId();
        if (clientId != null) {
            requesters.push(clientId, PushedAnswer.of(header, request.body(), from, clock.millis()), from, answer);
        } else {
            forward(request, header, name, to, from, answer);
        }
    }

    private void forward(
            RemotingCommand request,
            SendHeader header,
            NativeTopicNames.Name name,
            Destination to,
            NativeConnection from,
            Answer answer) {
        from.access().publish(to);
        boolean direct = DirectDelivery.takes(to);
        boolean queue = to.kind().isQueue();
        Address address =
                direct ? DirectDelivery.addressOf(to) : queue ? Names.ofQueue(to.name()) : Names.ofMqtt(to.name());
        Message message = message(request, header, name, address, from);
        Outgoing outgoing =
                direct ? Outgoing.toClient(to, message) : queue ? Outgoing.toQueue(message) : Outgoing.toTopic(message);
        publisher.publish(outgoing, from, answer);
    }

    /** The answer as the other protocols see it; it lives no longer than its request was to. */
    private Message message(
            RemotingCommand request,
            SendHeader header,
            NativeTopicNames.Name name,
            Address address,
            NativeConnection from) {
        ByteBuf body = request.bodyView();
        String properties = header.properties();
        from.encoder().scan().scan(properties);
        ByteBuffer record = from.encoder()
                .encode(
                        0,
                        name.ascii(),
                        0,
                        header.flag(),
                        header.sysFlag(),
                        header.bornTimestamp(),
                        from.bornHost(),
                        0,
                        0,
                        body,
                        body.readerIndex(),
                        body.readableBytes());
        Message message = new StoredMessage(record, 0, 0).toMessage();
        String ttl = NativeProperties.get(properties, NativeNames.TTL);
        long millis = ttl == null ? 0 : NativeProperties.number(ttl);
        return message.toBuilder()
                .answerTo(address)
                .expiresAt(millis > 0 && message.expiresAt() == 0 ? clock.millis() + millis : message.expiresAt())
                .build();
    }

    /** Tells the responder what became of its answer, as RocketMQ's broker says it. */
    private record Answer(RemotingCommand request, SendHeader header, NativeConnection from) implements Reply<Stored> {
        @Override
        public void ok(Stored stored) {
            boolean kept = stored.isStored();
            from.answer(
                    request,
                    request.answer(new ExtFields()
                            .with("msgId", kept ? from.offsetMessageId(stored.position()) : "0")
                            .with("queueId", kept ? stored.queueId() : Math.max(0, header.queueId()))
                            .with("queueOffset", kept ? stored.queueOffset() : 0)));
        }

        // A code that makes a producer try again would answer a request twice.
        @Override
        public void failed(BrokerException cause) {
            if (cause.reason() == Reason.TOPIC_NOT_FOUND
                    || cause.reason() == Reason.UNAVAILABLE
                    || cause.reason() == Reason.NOT_LEADING) {
                from.answer(request, request.answer(ResponseCode.SYSTEM_ERROR, cause.getMessage()));
            } else {
                from.refuse(request, cause);
            }
        }
    }
}
