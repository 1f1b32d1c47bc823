/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.Ids;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;
import org.polymq.storage.StateImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All topics, by name and by number. Changed by apply; safe to read from any thread. */
public final class TopicsView implements View {
    private static final Logger LOG = LoggerFactory.getLogger(TopicsView.class);

    /** Told after a topic was made, changed or deleted, on the appending thread; must not block. */
    public interface Listener {
        void changed(Topic topic, boolean deleted);
    }

    /** Whether subscriptions of JMS or MQTT name a topic, so that it cannot become a queue. */
    public interface NamedBySubscription {
        boolean test(String topic);
    }

    private final Ids ids;
    private final NamedBySubscription named;
    private final Map<String, Topic> byName = new ConcurrentHashMap<>();
    private final Map<Integer, Topic> byId = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    public TopicsView(Ids ids, NamedBySubscription named) {
        this.ids = ids;
        this.named = named;
    }

    public Optional<Topic> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Like {@link #find} without the wrapper, for hot paths. */
    public @Nullable Topic get(String name) {
        return byName.get(name);
    }

    public @Nullable Topic get(int id) {
        return byId.get(id);
    }

    public Collection<Topic> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    void removeListener(Listener listener) {
        listeners.remove(listener);
    }

    /**
     * A record that asks for a topic.
     *
     * @param update whether an existing topic gets these settings too
     */
    static ByteBuffer record(boolean update, TopicSpec spec) {
        return ControlRecord.of(RecordType.TOPIC, out -> {
            out.writeBoolean(update);
            Topic fields = new Topic(
                    0,
                    spec.name(),
                    spec.kind(),
                    Math.max(spec.writeQueues(), spec.readQueues()),
                    spec.writeQueues(),
                    spec.readQueues(),
                    spec.writeQueues(),
                    spec.permissions(),
                    spec.ordered(),
                    spec.origin(),
                    spec.retentionMillis(),
                    spec.attributes());
            fields.write(out);
        });
    }

    static ByteBuffer deletion(String name) {
        return ControlRecord.of(RecordType.TOPIC_DELETED, out -> ControlRecord.writeText(out, name));
    }

    /** Applies a topic record: the {@link Topic} as it is now, or the {@link BrokerException} that says why not. */
    public Object apply(DataInput in) throws IOException {
        boolean update = in.readBoolean();
        Topic asked = Topic.read(in);
        Topic existing = byName.get(asked.name());
        if (existing == null) {
            return put(withId(asked, ids.next()), true);
        }
        if (existing.kind() != asked.kind()) {
            if (asked.kind() == TopicKind.TOPIC || named.test(existing.name())) {
                return wrongKind(existing, asked.kind());
            }
            existing = existing.asQueue();
            put(existing, true);
        }
        if (!update) {
            return existing;
        }
        return put(existing.changedTo(asked), true);
    }

    /** Applies a deletion: the deleted {@link Topic}, or null if there was none. */
    public @Nullable Topic applyDeletion(DataInput in) throws IOException {
        Topic topic = byName.remove(ControlRecord.readText(in));
        if (topic != null) {
            byId.remove(topic.id());
            tell(topic, true);
        }
        return topic;
    }

    /** The refusal of one kind used as the other. */
    public static BrokerException wrongKind(Topic topic, TopicKind wanted) {
        String is = topic.kind() == TopicKind.QUEUE ? "a queue" : "a topic";
        String not = wanted == TopicKind.QUEUE ? "a queue" : "a topic";
        return new BrokerException(
                Reason.WRONG_KIND, "'" + topic.name() + "' is " + is + " and cannot be used as " + not);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        image().write(out);
    }

    /** Topics do not change; only which there are. */
    @Override
    public StateImage image() {
        Topic[] all = byId.values().toArray(new Topic[0]);
        return out -> {
            out.writeInt(all.length);
            for (Topic topic : all) {
                topic.write(out);
            }
        };
    }

    @Override
    public void load(DataInput in) throws IOException {
        byName.clear();
        byId.clear();
        for (int n = in.readInt(); n > 0; n--) {
            put(Topic.read(in), false);
        }
    }

    private Topic put(Topic topic, boolean tell) {
        byName.put(topic.name(), topic);
        byId.put(topic.id(), topic);
        if (tell) {
            tell(topic, false);
        }
        return topic;
    }

    // A listener that fails must not fail the log.
    private void tell(Topic topic, boolean deleted) {
        for (Listener listener : listeners) {
            try {
                listener.changed(topic, deleted);
            } catch (RuntimeException e) {
                LOG.error("topic {} changed, but a listener failed", topic.name(), e);
            }
        }
    }

    private static Topic withId(Topic topic, int id) {
        return new Topic(
                id,
                topic.name(),
                topic.kind(),
                topic.queues(),
                topic.writeQueues(),
                topic.readQueues(),
                topic.hashedQueues(),
                topic.permissions(),
                topic.ordered(),
                topic.origin(),
                topic.retentionMillis(),
                topic.attributes());
    }
}
