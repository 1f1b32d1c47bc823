/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.find;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.LargeBody;
import org.polymq.broker.message.MessageKeys;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.state.ColdReads;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicsView;
import org.polymq.storage.Log;
import org.polymq.storage.QueueIndex;
import org.polymq.storage.StorageException;

/**
 * Finds stored messages of a topic by their keys or id and the time at which they were stored, the newest first. The
 * search runs on the threads for cold reads; the answer comes on the caller's lane. Safe from any thread.
 */
public final class MessageFinder {
    private final Log log;
    private final TopicsView topics;
    private final LargeBody.Chunks chunks;
    private final ColdReads threads;

    public MessageFinder(Log log, TopicsView topics, LargeBody.Chunks chunks, ColdReads threads) {
        this.log = log;
        this.topics = topics;
        this.chunks = chunks;
        this.threads = threads;
    }

    /**
     * Messages that have the word as their id or among their keys (words between spaces).
     *
     * @param topic canonical name of the first level
     * @param from stored at or after, ms since the epoch
     * @param to stored at or before, ms since the epoch
     * @param max how many at most
     * @param reply TOPIC_NOT_FOUND
     */
    public void byKeyOrId(
            String topic, String word, long from, long to, int max, Lane lane, Reply<List<StoredMessage>> reply) {
        find(topic, word, MessageKeys::has, from, to, max, lane, reply);
    }

    /** The same by a word of the keys only. */
    public void byKey(
            String topic, String key, long from, long to, int max, Lane lane, Reply<List<StoredMessage>> reply) {
        find(topic, key, MessageKeys::hasKey, from, to, max, lane, reply);
    }

    /** The same by the id (UNIQ_KEY) only. A resent message may be there more than once. */
    public void byId(
            String topic, String id, long from, long to, int max, Lane lane, Reply<List<StoredMessage>> reply) {
        find(topic, id, MessageKeys::hasId, from, to, max, lane, reply);
    }

    private void find(
            String topic,
            String word,
            BiPredicate<ByteBuffer, String> matches,
            long from,
            long to,
            int max,
            Lane lane,
            Reply<List<StoredMessage>> reply) {
        Topic known = topics.get(topic);
        if (known == null) {
            reply.failed(new BrokerException(Reason.TOPIC_NOT_FOUND, "there is no topic " + topic));
            return;
        }
        threads.execute(() -> {
            try {
                List<StoredMessage> found = find(known, word, matches, from, to, max);
                lane.execute(() -> reply.ok(found));
            } catch (StorageException e) {
                BrokerException failure = new BrokerException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()), e);
                lane.execute(() -> reply.failed(failure));
            }
        });
    }

    private List<StoredMessage> find(
            Topic topic, String word, BiPredicate<ByteBuffer, String> matches, long from, long to, int max) {
        List<StoredMessage> found = new ArrayList<>();
        if (max <= 0) {
            return found;
        }
        Set<Long> seen = new HashSet<>();
        log.findKey(MessageKeys.hash(topic.id(), word), from, to, position -> {
            if (!seen.add(position)) {
                return true; // its id is among its keys
            }
            ByteBuffer record = read(position);
            if (record != null && isWanted(record, topic, from, to) && matches.test(record, word)) {
                long queue = topic.queueKey(MessageRecord.queueId(record));
                long offset = log.index().firstAtOrAfter(queue, position);
                QueueIndex.Entry entry = new QueueIndex.Entry();
                // A record that was refused when it was applied, or removed since, is in no queue.
                if (log.index().get(queue, offset, entry) && entry.position() == position) {
                    found.add(new StoredMessage(record, position, offset, chunks));
                }
            }
            return found.size() < max;
        });
        return found;
    }

    private static boolean isWanted(ByteBuffer record, Topic topic, long from, long to) {
        if (MessageRecord.type(record) != MessageRecord.TYPE || MessageRecord.topicId(record) != topic.id()) {
            return false;
        }
        long time = MessageRecord.storeTime(record);
        return time >= from && time <= to;
    }

    /** Null if it was removed or is damaged: it is not found. */
    private @Nullable ByteBuffer read(long position) {
        try {
            return log.read(position);
        } catch (StorageException e) {
            if (e.reason() == StorageException.Reason.CORRUPT) {
                return null;
            }
            throw e;
        }
    }
}
