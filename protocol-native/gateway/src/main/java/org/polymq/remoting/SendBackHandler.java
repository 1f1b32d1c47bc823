/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.nio.ByteBuffer;
import java.util.List;
import org.polymq.broker.BrokerException;
import org.polymq.broker.group.Group;
import org.polymq.broker.group.Groups;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.MessageReader;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.SendBackHeader;

/**
 * Code 36: a consumer hands a message back. It is appended again to the group's retry topic, or to its dead letters
 * when it came back too often; both are in the log before the consumer is told.
 */
final class SendBackHandler implements RequestHandler {
    private final Topics topics;
    private final Groups groups;
    private final MessageReader messages;
    private final Publisher publisher;
    private final NativeTopicNames names;
    private final Delays delays;

    SendBackHandler(
            Topics topics,
            Groups groups,
            MessageReader messages,
            Publisher publisher,
            NativeTopicNames names,
            Delays delays) {
        this.topics = topics;
        this.groups = groups;
        this.messages = messages;
        this.publisher = publisher;
        this.names = names;
        this.delays = delays;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        SendBackHeader header = SendBackHeader.of(request.fields());
        GroupNames.check(header.group());
        StoredMessage message = read(header.offset());
        groups.ensure(
                header.group(),
                from,
                from.guarded(request, group -> appendAgain(request, header, message, group, from)));
    }

    private StoredMessage read(long position) {
        try {
            return messages.read(position);
        } catch (BrokerException e) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR,
                    "look message by offset failed, " + position + ": it was removed, or the offset is wrong ("
                            + e.getMessage() + ")");
        }
    }

    private void appendAgain(
            RemotingCommand request, SendBackHeader header, StoredMessage stored, Group group, NativeConnection from) {
        Message message = stored.toNativeMessage();
        int limit = header.maxReconsumeTimes() >= 0 ? header.maxReconsumeTimes() : group.maxRetries();
        boolean dead = header.delayLevel() < 0 || message.reconsumeTimes() >= limit;
        NativeTopicNames.Name target =
                names.of((dead ? NativeTopicNames.DLQ_PREFIX : NativeTopicNames.RETRY_PREFIX) + header.group());
        TopicSpec spec = dead
                ? TopicSpec.queue(target.topic(), Topic.Origin.NATIVE)
                : TopicSpec.topic(target.topic(), 1, Topic.Origin.NATIVE);
        String properties = dead
                ? DeadLetters.properties(message, stored, header.originMsgId())
                : DeadLetters.retry(message, stored, header.originMsgId());
        topics.ensure(spec, from, from.guarded(request, topic -> {
            if (dead) {
                Restored letter = new Restored(message, properties, message.reconsumeTimes() + 1);
                publish(request, letter.encode(from.encoder(), topic, target, 0, 0), from);
            } else {
                Delay delay = delays.ofRetry(header.delayLevel(), message.reconsumeTimes());
                stage(request, topic, message, properties, target, delay, from);
            }
        }));
    }

    private void stage(
            RemotingCommand request,
            Topic topic,
            Message message,
            String properties,
            NativeTopicNames.Name target,
            Delay delay,
            NativeConnection from) {
        Restored again = new Restored(
                message, delay.properties(properties, target.nativeName(), 0), message.reconsumeTimes() + 1);
        delays.timers()
                .stage(
                        delay.due(),
                        again.encode(from.encoder(), topic, target, 0, delay.due()),
                        from,
                        from.guarded(
                                request, stored -> from.answer(request, request.answer(ResponseCode.SUCCESS, null))));
    }

    private void publish(RemotingCommand request, ByteBuffer record, NativeConnection from) {
        publisher.publishEncoded(
                List.of(record),
                false,
                from,
                from.guarded(request, stored -> from.answer(request, request.answer(ResponseCode.SUCCESS, null))));
    }
}
