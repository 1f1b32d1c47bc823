/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.polymq.broker.topic.TopicSpec;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.CreateTopicHeader;

/** Code 17: makes a topic, or changes the one that is there. */
final class CreateTopicHandler implements RequestHandler {
    private final Topics topics;
    private final NativeTopicNames names;

    CreateTopicHandler(Topics topics, NativeTopicNames names) {
        this.topics = topics;
        this.names = names;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        CreateTopicHeader header = CreateTopicHeader.of(request.fields());
        NativeTopicNames.Name name = names.of(header.topic());
        if (!name.isForSending()) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "the topic[" + header.topic() + "] is kept for the broker");
        }
        check("readQueueNums", header.readQueueNums());
        check("writeQueueNums", header.writeQueueNums());
        Topic existing = topics.get(name.topic());
        TopicSpec spec = new TopicSpec(
                name.topic(),
                existing == null ? TopicKind.TOPIC : existing.kind(),
                header.writeQueueNums(),
                header.readQueueNums(),
                header.perm(),
                header.order(),
                existing == null ? Topic.Origin.NATIVE : existing.origin(),
                existing == null ? 0 : existing.retentionMillis(),
                existing == null ? java.util.Map.of() : existing.attributes());
        topics.update(
                spec,
                from,
                from.guarded(request, made -> from.answer(request, request.answer(ResponseCode.SUCCESS, null))));
    }

    private static void check(String what, int queues) {
        if (queues < 1 || queues > Topic.MAX_QUEUES) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, what + " " + queues + " is not between 1 and " + Topic.MAX_QUEUES);
        }
    }
}
