/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.publish;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Reply;
import org.polymq.broker.topic.Topic;
import org.polymq.broker.topic.TopicKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is published to a topic in order while the topic is being made: nothing may overtake the message that made
 * it. Safe from any thread.
 */
final class TopicsInTheMaking {
    private static final Logger LOG = LoggerFactory.getLogger(TopicsInTheMaking.class);

    private record Key(String name, TopicKind kind) {}

    private final Map<Key, Waiting> making = new ConcurrentHashMap<>();

    /** Keeps the task for when the topic is made; false if the topic is not in the making. */
    boolean await(String name, TopicKind kind, Reply<Topic> task) {
        if (making.isEmpty()) {
            return false;
        }
        Waiting waiting = making.get(new Key(name, kind));
        return waiting != null && waiting.add(task);
    }

    /** Makes a topic, unless somebody is doing so, and then runs the task after those that came before it. */
    void make(String name, TopicKind kind, Consumer<Reply<Topic>> maker, Reply<Topic> task) {
        Key key = new Key(name, kind);
        while (true) {
            Waiting mine = new Waiting();
            Waiting theirs = making.putIfAbsent(key, mine);
            if (theirs == null) {
                mine.add(task);
                maker.accept(Reply.of(
                        topic -> finish(key, mine, each -> each.ok(topic)),
                        cause -> finish(key, mine, each -> each.failed(cause))));
                return;
            }
            if (theirs.add(task)) {
                return;
            }
            making.remove(key, theirs);
        }
    }

    private void finish(Key key, Waiting waiting, Consumer<Reply<Topic>> outcome) {
        for (Reply<Topic> next = waiting.next(); next != null; next = waiting.next()) {
            try {
                outcome.accept(next);
            } catch (RuntimeException e) {
                // The others wait for the same topic and have nothing to do with it.
                LOG.error("a message for topic {} could not be dealt with", key.name(), e);
            }
        }
        making.remove(key, waiting);
    }

    /** Tasks in the order they came, until there is none left. Guarded by itself. */
    private static final class Waiting {
        private final Queue<Reply<Topic>> tasks = new ArrayDeque<>();
        private boolean finished;

        synchronized boolean add(Reply<Topic> task) {
            return !finished && tasks.add(task);
        }

        synchronized @Nullable Reply<Topic> next() {
            Reply<Topic> next = tasks.poll();
            finished = next == null;
            return next;
        }
    }
}
