/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reply;
import org.polymq.broker.half.HalfMessages;
import org.polymq.broker.message.NativeEncoder;
import org.polymq.broker.message.NativeScan;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.SendHeader;

/** Codes 10, 310 and 320: one message or a batch of them into a queue, in one atomic entry of the log. */
final class SendHandler implements RequestHandler {
    private final Topics topics;
    private final Publisher publisher;
    private final NativeTopicNames names;
    private final LiveSettings settings;
    private final Delays delays;
    private final HalfMessages halves;
    private final NativeStats stats;

    SendHandler(
            Topics topics,
            Publisher publisher,
            NativeTopicNames names,
            LiveSettings settings,
            Delays delays,
            HalfMessages halves,
            NativeStats stats) {
        this.topics = topics;
        this.publisher = publisher;
        this.names = names;
        this.settings = settings;
        this.delays = delays;
        this.halves = halves;
        this.stats = stats;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        try {
            serve(request, from);
        } catch (BadRequestException | BrokerException refused) {
            stats.sendRefused();
            throw refused;
        }
    }

    private void serve(RemotingCommand request, NativeConnection from) {
        SendHeader header = SendHeader.of(request);
        NativeTopicNames.Name name = names.of(header.topic());
        if (!name.isForSending()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "the topic[" + header.topic() + "] is kept for the broker");
        }
        Topic topic = topics.get(name.topic());
        if (topic != null) {
            store(new Send(request, header, name, from), topic, request.bodyView());
            return;
        }
        Send send = new Send(request, header, name, from);
        ByteBuf kept = Unpooled.wrappedBuffer(request.body());
        topics.ensure(specOf(header, name), from, from.guarded(request, made -> store(send, made, kept)));
    }

    static boolean isBatch(RemotingCommand request, SendHeader header) {
        return header.batch() || request.code() == RequestCode.SEND_BATCH_MESSAGE;
    }

    private record Send(RemotingCommand request, SendHeader header, NativeTopicNames.Name name, NativeConnection from) {
        boolean isBatch() {
            return SendHandler.isBatch(request, header);
        }
    }

    // RocketMQ's rule: what the client asks for, at most what the template has; one queue for a retry topic.
    private TopicSpec specOf(SendHeader header, NativeTopicNames.Name name) {
        if (!settings.autoCreateTopics() && !name.isRetry() && !name.isTrace()) {
            throw new BadRequestException(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "topic[" + header.topic() + "] not exist, apply first please! native.auto-create-topics is off");
        }
        int queues = name.isRetry() || name.isTrace()
                ? 1
                : Math.max(1, Math.min(header.defaultTopicQueueNums(), settings.maxAutoQueues()));
        return TopicSpec.topic(name.topic(), queues, Topic.Origin.NATIVE);
    }

    private void store(Send send, Topic topic, ByteBuf body) {
        if (!topic.writable() || !settings.writable()) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "the broker's topic[" + send.header.topic() + "] is not writable");
        }
        int queueId = queueOf(send.header, topic);
        NativeEncoder encoder = send.from.encoder();
        NativeScan scan = encoder.scan().scan(send.header.properties());
        String transactionId = scan.uniqueKey();
        List<ByteBuffer> records;
        if (send.isBatch()) {
            if (send.name.isRetry()) {
                throw new BadRequestException(
                        ResponseCode.MESSAGE_ILLEGAL,
                        "batch request does not support retry group " + send.header.topic() + ": send one by one");
            }
            records = batch(send, topic, queueId, encoder, body);
        } else {
            check(scan, topic);
            if (scan.isTransactional()) {
                stageHalf(send, topic, queueId, encoder, body);
                return;
            }
            Delay delay = delays.of(scan);
            if (!delay.isNone()) {
                stage(send, topic, queueId, delay, body);
                return;
            }
            records = List.of(encode(
                    send,
                    topic,
                    queueId,
                    encoder,
                    send.header.flag(),
                    0,
                    body,
                    body.readerIndex(),
                    body.readableBytes()));
        }
        publisher.publishEncoded(records, false, send.from, new Answer(send, transactionId));
    }

    /** Stores a message that waits for its producer's decision. A delay is not kept, as RocketMQ's clients say. */
    private void stageHalf(Send send, Topic topic, int queueId, NativeEncoder encoder, ByteBuf body) {
        SendHeader header = send.header;
        ByteBuffer record =
                encode(send, topic, queueId, encoder, header.flag(), 0, body, body.readerIndex(), body.readableBytes());
        String id = new StoredMessage(record, 0, 0).toNativeMessage().id();
        halves.stage(
                HalfSend.group(header.properties(), header.producerGroup()),
                String.valueOf(id),
                HalfSend.immunityMillis(header.properties()),
                record,
                send.from,
                send.from.guarded(send.request, stored -> new Answer(send, id).ok(List.of(stored))));
    }

    /** Stores a message that nobody sees until it is due. A timer's message can be taken back by its handle. */
    private void stage(Send send, Topic topic, int queueId, Delay delay, ByteBuf body) {
        SendHeader header = send.header;
        String topicName = send.name.nativeName();
        NativeEncoder encoder = send.from.encoder();
        encoder.scan().scan(delay.properties(Objects.requireNonNullElse(header.properties(), ""), topicName, queueId));
        ByteBuffer record = encode(
                send,
                topic,
                queueId,
                encoder,
                header.flag(),
                delay.due(),
                body,
                body.readerIndex(),
                body.readableBytes());
        String id = String.valueOf(new StoredMessage(record, 0, 0).id());
        String handle = delay.byLevel() || send.name.isRetry()
                ? null
                : new RecallHandle(topicName, delays.brokerName(), delay.due(), id).encode();
        delays.timers()
                .stage(
                        delay.due(),
                        record,
                        send.from,
                        send.from.guarded(send.request, stored -> new Answer(send, id, handle).ok(List.of(stored))));
    }

    private static int queueOf(SendHeader header, Topic topic) {
        if (header.queueId() < 0) {
            return ThreadLocalRandom.current().nextInt(topic.writeQueues());
        }
        // A producer hears of fewer queues only after a while: as with RocketMQ it may go on where consumers read.
        if (header.queueId() >= topic.openQueues()) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER,
                    "request queueId[" + header.queueId() + "] is illegal, topic[" + header.topic() + "] has "
                            + topic.writeQueues() + " queues: ask the name server for its route again");
        }
        return header.queueId();
    }

    private void check(NativeScan scan, Topic topic) {
        publisher.depth().check(topic);
        if (scan.path() != null) {
            publisher.names().check(topic.name(), scan.path());
        }
        if (scan.hasUnreadableDelay()) {
            throw new BadRequestException(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "timer message illegal: a property that says when the message is due (DELAY, TIMER_...) is no"
                            + " number");
        }
        if (topic.kind() == TopicKind.QUEUE && scan.path() != null) {
            throw new BadRequestException(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "the property TOPIC_PATH is for topics, but " + topic.name() + " is a queue");
        }
    }

    private static ByteBuffer encode(
            Send send,
            Topic topic,
            int queueId,
            NativeEncoder encoder,
            int flag,
            long deliverAt,
            ByteBuf body,
            int bodyIndex,
            int bodyLength) {
        return encoder.encode(
                topic.id(),
                send.name.ascii(),
                queueId,
                flag,
                send.header.sysFlag(),
                send.header.bornTimestamp(),
                send.from.bornHost(),
                send.header.reconsumeTimes(),
                deliverAt,
                body,
                bodyIndex,
                bodyLength);
    }

    private List<ByteBuffer> batch(Send send, Topic topic, int queueId, NativeEncoder encoder, ByteBuf body) {
        List<ByteBuffer> records = new ArrayList<>();
        BatchBody.forEach(body, inner -> {
            NativeScan scan = encoder.scan().scan(body, inner.propertiesAt(), inner.propertiesLength());
            check(scan, topic);
            if (scan.delayLevel() > 0
                    || scan.timerDelayMs() > 0
                    || scan.timerDeliverAt() > 0
                    || scan.isTransactional()) {
                throw new BadRequestException(
                        ResponseCode.MESSAGE_ILLEGAL, "a batch cannot hold delayed or transactional messages");
            }
            records.add(
                    encode(send, topic, queueId, encoder, inner.flag(), 0, body, inner.bodyAt(), inner.bodyLength()));
        });
        return records;
    }

    /** Tells the producer where its message is. */
    private final class Answer implements Reply<List<Stored>> {
        private final Send send;
        private final @Nullable String transactionId;
        private final @Nullable String recallHandle;

        Answer(Send send, @Nullable String transactionId) {
            this(send, transactionId, null);
        }

        Answer(Send send, @Nullable String transactionId, @Nullable String recallHandle) {
            this.send = send;
            this.transactionId = transactionId;
            this.recallHandle = recallHandle;
        }

        @Override
        public void ok(List<Stored> stored) {
            if (send.request.isOneway()) {
                return;
            }
            Stored first = stored.get(0);
            ExtFields fields = new ExtFields()
                    .with("msgId", messageIds(stored))
                    .with("queueId", first.queueId())
                    .with("queueOffset", first.queueOffset())
                    .with("MSG_REGION", "DefaultRegion")
                    .with("TRACE_ON", "true");
            if (transactionId != null) {
                fields.with("transactionId", transactionId);
            }
            if (recallHandle != null) {
                fields.with("recallHandle", recallHandle);
            }
            send.from.send(send.request.answer(fields));
        }

        private String messageIds(List<Stored> stored) {
            if (stored.size() == 1) {
                return send.from.offsetMessageId(stored.get(0).position());
            }
            StringBuilder ids = new StringBuilder(stored.size() * 33);
            for (Stored each : stored) {
                ids.append(ids.isEmpty() ? "" : ",").append(send.from.offsetMessageId(each.position()));
            }
            return ids.toString();
        }

        @Override
        public void failed(BrokerException cause) {
            stats.sendRefused();
            send.from.refuse(send.request, cause);
        }
    }
}
