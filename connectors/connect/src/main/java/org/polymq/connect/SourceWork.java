/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Stored;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source's task: what the plugin polls is stored together with its offsets, then the plugin is told. While the broker
 * takes nothing the plugin is not polled.
 */
final class SourceWork implements Work {
    private static final Logger LOG = LoggerFactory.getLogger(SourceWork.class);
    /** Of one entry. */
    private static final int MOST_RECORDS = 500;

    private static final long MOST_BYTES = 1 << 20;
    private static final long IDLE_MILLIS = 5;

    private final TaskSettings settings;
    private final SourceTask task;
    private final Signal signal = new Signal();
    private final ReentrantLock storing = new ReentrantLock();
    private final ConnectorContext context;
    private final PluginMetrics metrics;
    private int failedPolls;

    /** A polled record with its message; none if it was filtered or left out. */
    private record Converted(SourceRecord record, @Nullable Message message) {}

    SourceWork(TaskSettings settings, SourceTask task) {
        this.settings = settings;
        this.task = task;
        this.context = settings.context();
        this.metrics = settings.figures().ofTask(settings.number());
    }

    @Override
    public void run() throws Exception {
        Foreign.run(settings.classes(), this::work);
    }

    private void work() throws Exception {
        try (Converters converters = Converters.of(settings.config(), settings.plugins(), settings.classes());
                Transforms<SourceRecord> transforms =
                        Transforms.of(settings.config(), settings.plugins(), settings.classes());
                StoredOffsets offsets = new StoredOffsets(settings.log()::positions)) {
            try {
                task.initialize(new Context(offsets));
                task.start(settings.properties());
                loop(new MessageMapping(converters), transforms, offsets);
            } finally {
                task.stop();
            }
        }
    }

    private void loop(MessageMapping mapping, Transforms<SourceRecord> transforms, StoredOffsets offsets)
            throws InterruptedException {
        ErrorHandling errors = new ErrorHandling(
                context.name() + "-" + settings.number(),
                settings.config(),
                context.counters(),
                signal::pause,
                signal::isStopping);
        long interval = settings.config().getLong(CommonConfig.FLUSH_INTERVAL) * 1_000_000;
        long committed = System.nanoTime();
        while (!signal.isStopping()) {
            signal.whilePaused();
            List<SourceRecord> polled = poll(errors);
            if (polled == null || polled.isEmpty()) {
                signal.pause(IDLE_MILLIS);
            } else {
                store(convert(polled, mapping, transforms, errors), offsets);
            }
            if (System.nanoTime() - committed >= interval) {
                task.commit();
                committed = System.nanoTime();
            }
        }
        if (!signal.isAbandoned()) {
            task.commit();
        }
    }

    private @Nullable List<SourceRecord> poll(ErrorHandling errors) throws InterruptedException {
        if (signal.isStopping()) {
            return null;
        }
        try {
            List<SourceRecord> polled = task.poll();
            failedPolls = 0;
            return polled;
        } catch (RetriableException e) {
            context.counters().error();
            context.counters().retry();
            LOG.warn("connector {}: the source asks for another try: {}", context.name(), Texts.describe(e));
            signal.pause(errors.delay(failedPolls++));
            return null;
        }
    }

    private List<Converted> convert(
            List<SourceRecord> polled,
            MessageMapping mapping,
            Transforms<SourceRecord> transforms,
            ErrorHandling errors)
            throws InterruptedException {
        List<Converted> converted = new ArrayList<>(polled.size());
        ErrorHandling.LeftOut leftOut = (stage, error) -> context.counters().skipped();
        for (SourceRecord record : polled) {
            SourceRecord changed = errors.<SourceRecord>on(
                    ErrorHandling.Stage.TRANSFORMATION,
                    "a record of " + record.sourcePartition(),
                    () -> transforms.apply(record),
                    leftOut);
            Message message = changed == null
                    ? null
                    : errors.<Message>on(
                            ErrorHandling.Stage.KEY_VALUE_HEADER_CONVERSION,
                            "a record for " + changed.topic(),
                            () -> mapping.toMessage(changed),
                            leftOut);
            converted.add(new Converted(record, message));
        }
        return converted;
    }

    private void store(List<Converted> records, StoredOffsets offsets) throws InterruptedException {
        int from = 0;
        while (from < records.size()) {
            int to = from;
            long bytes = 0;
            while (to < records.size() && to - from < MOST_RECORDS && (to == from || bytes < MOST_BYTES)) {
                Message message = records.get(to).message();
                bytes += message == null ? 0 : message.body().remaining();
                to++;
            }
            storeTogether(records.subList(from, to), offsets);
            from = to;
        }
    }

    private void storeTogether(List<Converted> records, StoredOffsets offsets) throws InterruptedException {
        List<Message> messages = new ArrayList<>();
        Map<String, String> positions = new HashMap<>();
        for (Converted each : records) {
            if (each.message() != null) {
                messages.add(each.message());
            }
            offsets.put(each.record(), positions);
        }
        List<Stored> stored = publish(messages, positions);
        int next = 0;
        for (Converted each : records) {
            Message message = each.message();
            task.commitRecord(each.record(), message == null ? null : metadata(message, stored.get(next++)));
        }
    }

    private static RecordMetadata metadata(Message message, Stored stored) {
        return new RecordMetadata(
                new TopicPartition(message.address().name(), stored.queueId()),
                stored.queueOffset(),
                0,
                stored.storeTime(),
                -1,
                message.body().remaining());
    }

    /** Tries as long as the broker says that another try may help: the source waits meanwhile. */
    private List<Stored> publish(List<Message> messages, Map<String, String> positions) throws InterruptedException {
        for (int tries = 0; ; tries++) {
            try {
                return storeOnce(messages, positions);
            } catch (BrokerException e) {
                Reason.Caller caller = e.reason().caller();
                boolean again = caller == Reason.Caller.MAY_RETRY || caller == Reason.Caller.MAY_RETRY_IF_HARMLESS;
                if (!again || signal.isStopping()) {
                    throw e;
                }
                context.counters().error();
                context.counters().retry();
                LOG.warn("connector {}: {} messages wait: {}", context.name(), messages.size(), e.getMessage());
                signal.pause(Math.min(100L << Math.min(tries, 10), 10_000));
            }
        }
    }

    private List<Stored> storeOnce(List<Message> messages, Map<String, String> positions) throws InterruptedException {
        storing.lockInterruptibly();
        try {
            if (signal.isAbandoned()) {
                throw new InterruptedException("the task was given up");
            }
            return settings.log().store(messages, positions);
        } finally {
            storing.unlock();
        }
    }

    @Override
    public void signalStop() {
        signal.stop();
    }

    @Override
    public void abandon() {
        signal.abandon();
        try {
            storing.lockInterruptibly(); // what is on its way is stored before another goes on from the positions
            storing.unlock();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void pause() {
        signal.pause(true);
    }

    @Override
    public void resume() {
        signal.pause(false);
    }

    /** What the plugin sees. */
    private final class Context implements SourceTaskContext {
        private final StoredOffsets offsets;

        private Context(StoredOffsets offsets) {
            this.offsets = offsets;
        }

        @Override
        public Map<String, String> configs() {
            return settings.properties();
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return offsets;
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return metrics;
        }
    }
}
