/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;

/** Finds, makes, changes and deletes topics. Safe from any thread. */
public final class Topics {
    private final TopicsView view;
    private final Committer committer;
    private final List<TopicsView.Listener> listeners = new CopyOnWriteArrayList<>();
    private final TopicsView.Listener fanOut =
            (topic, deleted) -> listeners.forEach(listener -> listener.changed(topic, deleted));

    public Topics(TopicsView view, Committer committer) {
        this.view = view;
        this.committer = committer;
        view.addListener(fanOut);
    }

    public Optional<Topic> find(String name) {
        return view.find(name);
    }

    public @Nullable Topic get(String name) {
        return view.get(name);
    }

    public @Nullable Topic get(int id) {
        return view.get(id);
    }

    public Iterable<Topic> all() {
        return view.all();
    }

    public int count() {
        return view.all().size();
    }

    /** Has changes told until this is closed, on the appending thread; must not block. */
    public void addListener(TopicsView.Listener listener) {
        listeners.add(listener);
    }

    /** Listeners hear no more. */
    public void close() {
        view.removeListener(fanOut);
        listeners.clear();
    }

    /**
     * Answers the topic of this name, made if there is none. A topic that no JMS or MQTT subscription names becomes a
     * queue if asked to be one; otherwise the wrong kind is refused with WRONG_KIND.
     */
    public void ensure(TopicSpec spec, Lane lane, Reply<Topic> reply) {
        Topic existing = view.get(spec.name());
        if (existing != null && existing.kind() == spec.kind()) {
            reply.ok(existing);
            return;
        }
        commit(false, spec, lane, reply);
    }

    /** Makes the topic, or gives an existing one these settings. Queues beyond fewer ones stay, with their messages. */
    public void update(TopicSpec spec, Lane lane, Reply<Topic> reply) {
        commit(true, spec, lane, reply);
    }

    /** Deletes the topic with its messages; answers whether there was one. */
    public void delete(String name, Lane lane, Reply<Boolean> reply) {
        committer.control(List.of(TopicsView.deletion(name)), lane, reply, results -> results[0] != null);
    }

    private void commit(boolean update, TopicSpec spec, Lane lane, Reply<Topic> reply) {
        // A topic may be called "": the first level of the MQTT name "/a". Natively it is %00.
        if (spec.name().isEmpty() && spec.kind() == TopicKind.QUEUE) {
            reply.failed(new BrokerException(Reason.INVALID_NAME, "a queue's name cannot be empty"));
            return;
        }
        committer.control(List.of(TopicsView.record(update, spec)), lane, reply, results -> (Topic) results[0]);
    }
}
