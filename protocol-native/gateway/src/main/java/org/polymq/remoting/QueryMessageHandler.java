/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.util.List;
import org.polymq.broker.Reply;
import org.polymq.broker.find.MessageFinder;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.Topics;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.header.QueryMessageHeader;

/** Code 12: the messages of a topic that have a key or a unique id, the newest first. */
final class QueryMessageHandler implements RequestHandler {
    /** So many at most, whatever is asked for. */
    static final int MOST = 1_024;
    /** What RocketMQ gives for a unique id, whatever is asked for: a message that was sent again is there twice. */
    private static final int MOST_BY_ID = 32;

    private final MessageFinder finder;
    private final Topics topics;
    private final NativeTopicNames names;
    private final int maxBytes;

    /** {@code maxBytes} of a message that native clients are given. */
    QueryMessageHandler(MessageFinder finder, Topics topics, NativeTopicNames names, int maxBytes) {
        this.finder = finder;
        this.topics = topics;
        this.names = names;
        this.maxBytes = maxBytes;
    }

    @Override
    public void handle(RemotingCommand request, NativeConnection from) {
        QueryMessageHeader header = QueryMessageHeader.of(request.fields());
        Topic topic = names.find(topics, header.topic());
        if (topic == null) {
            throw new BadRequestException(
                    ResponseCode.QUERY_NOT_FOUND, "can not find message: there is no topic " + header.topic());
        }
        Reply<List<StoredMessage>> reply = from.guarded(request, found -> answer(request, found, from));
        long begin = header.beginTimestamp();
        long end = header.endTimestamp();
        if (header.byTag()) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "tags are not indexed here: ask by key or unique id");
        }
        if (header.byUniqueKey()) {
            finder.byId(topic.name(), header.key(), begin, end, MOST_BY_ID, from, reply);
        } else {
            int most = Math.max(0, Math.min(header.maxNum(), MOST));
            finder.byKeyOrId(topic.name(), header.key(), begin, end, most, from, reply);
        }
    }

    private void answer(RemotingCommand request, List<StoredMessage> found, NativeConnection from) {
        MessageImages images = new MessageImages(maxBytes, from);
        found.forEach(images::add);
        if (images.isEmpty()) {
            throw new BadRequestException(
                    ResponseCode.QUERY_NOT_FOUND,
                    found.isEmpty()
                            ? "can not find message, maybe time range not correct"
                            : "the messages found exceed native.max-deliver-size of " + maxBytes + " bytes");
        }
        StoredMessage newest = found.get(0);
        from.answer(
                request,
                request.answer(
                        ResponseCode.SUCCESS,
                        null,
                        new ExtFields()
                                .with("indexLastUpdateTimestamp", newest.storeTime())
                                .with("indexLastUpdatePhyoffset", newest.position()),
                        images.bytes()));
    }
}
