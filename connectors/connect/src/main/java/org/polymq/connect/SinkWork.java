/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ReadMessage;
import org.polymq.broker.connector.ReadOptions;
import org.polymq.broker.connector.TopicQueue;
import org.polymq.broker.connector.TopicReader;
import org.polymq.broker.message.Names;
import org.polymq.broker.topic.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sink's task: reads its share of the topics' queues and hands it to the plugin; what the plugin has flushed is
 * committed. While the plugin asks for another try nothing more is read: the backlog stays in the log.
 */
final class SinkWork implements Work {
    private static final Logger LOG = LoggerFactory.getLogger(SinkWork.class);
    private static final long MOST_BYTES = 4 << 20;
    private static final Duration LONGEST_WAIT = Duration.ofMillis(500);
    /** Messages that a plugin may still report as bad after they were put. */
    private static final int MOST_REMEMBERED = 5_000;

    private final TaskSettings settings;
    private final SinkTask task;
    private final Signal signal = new Signal();
    private final ConnectorContext context;
    private final Partitions partitions;
    private final DeadLetters deadLetters;
    private final SinkContext sink;
    private final Map<TopicQueue, Long> delivered = new TreeMap<>();
    private final Map<String, ReadMessage> put = new LinkedHashMap<>();
    private Set<TopicQueue> open = Set.of();
    private List<SinkRecord> waiting = List.of();
    private int tries;
    private volatile @Nullable TopicReader reader;

    SinkWork(TaskSettings settings, SinkTask task) {
        this.settings = settings;
        this.task = task;
        this.context = settings.context();
        this.partitions = Partitions.ofGroup(context.slot());
        this.deadLetters = new DeadLetters(context, settings.number(), settings.config());
        boolean reports = CommonConfig.ALL.equals(settings.config().text(CommonConfig.TOLERANCE));
        this.sink = new SinkContext(
                settings.properties(),
                partitions,
                settings.figures().ofTask(settings.number()),
                reports ? new Reporter() : null);
    }

    @Override
    public void run() throws Exception {
        Foreign.run(settings.classes(), this::work);
    }

    private void work() throws Exception {
        try (Converters converters = Converters.of(settings.config(), settings.plugins(), settings.classes());
                Transforms<SinkRecord> transforms =
                        Transforms.of(settings.config(), settings.plugins(), settings.classes());
                TopicReader opened = context.reader(options())) {
            reader = opened;
            opened.begin(); // before the plugin, which may not start while its other side is down
            try {
                task.initialize(sink);
                task.start(settings.properties());
                loop(opened, new MessageMapping(converters), transforms);
            } finally {
                task.stop();
            }
        }
    }

    // ---- which queues

    private ReadOptions options() {
        CommonConfig config = settings.config();
        boolean fromEnd = config.text(CommonConfig.RESET).equals("latest");
        return new ReadOptions(topics(config), this::isMine, fromEnd);
    }

    private Supplier<List<String>> topics(CommonConfig config) {
        String regex = config.text(CommonConfig.TOPICS_REGEX);
        if (regex.isEmpty()) {
            List<String> names = List.copyOf(config.getList(CommonConfig.TOPICS));
            return () -> names;
        }
        Pattern pattern = Pattern.compile(regex);
        return () -> StreamSupport.stream(context.broker().topics().all().spliterator(), false)
                .map(Topic::name)
                .filter(name -> !Names.isSystem(name) && pattern.matcher(name).matches())
                .toList();
    }

    private boolean isMine(TopicQueue queue) {
        int spread = queue.topic().hashCode() + queue.queue();
        return Math.floorMod(spread, settings.tasks()) == settings.number();
    }

    // ---- the way of the messages

    private void loop(TopicReader from, MessageMapping mapping, Transforms<SinkRecord> transforms)
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
            rewind(from);
            if (waiting.isEmpty()) {
                pause(from);
                List<ReadMessage> read = from.poll(
                        settings.config().getInt(CommonConfig.MAX_POLL), MOST_BYTES, wait(interval, committed));
                reassign(from);
                waiting = convert(read, mapping, transforms, errors);
            }
            if (signal.isStopping()) {
                break;
            }
            put(errors);
            if (System.nanoTime() - committed >= interval || sink.takeCommitRequest()) {
                commit(from);
                committed = System.nanoTime();
            }
        }
        if (!signal.isAbandoned()) {
            if (waiting.isEmpty()) {
                commit(from);
            }
            task.close(open.stream().map(partitions::partition).toList());
        }
    }

    private Duration wait(long interval, long committed) {
        long left = interval - (System.nanoTime() - committed);
        long asked = sink.takeTimeout();
        long most = asked < 0 ? LONGEST_WAIT.toNanos() : Math.min(LONGEST_WAIT.toNanos(), asked * 1_000_000);
        return Duration.ofNanos(Math.max(0, Math.min(left, most)));
    }

    private void rewind(TopicReader from) {
        sink.takeRewinds().forEach((partition, offset) -> {
            TopicQueue queue = partitions.queue(partition);
            from.seek(queue, offset);
            delivered.put(queue, offset);
            waiting = waiting.stream()
                    .filter(record -> !partition.equals(original(record)))
                    .toList();
        });
    }

    private static TopicPartition original(SinkRecord record) {
        return new TopicPartition(
                record.originalTopic(), Objects.requireNonNull(record.originalKafkaPartition(), "a sink's partition"));
    }

    private void pause(TopicReader from) {
        Set<TopicQueue> paused = sink.paused();
        from.resume(open.stream().filter(queue -> !paused.contains(queue)).toList());
        from.pause(paused);
    }

    private void reassign(TopicReader from) {
        Set<TopicQueue> now = from.queues();
        if (now.equals(open)) {
            return;
        }
        List<TopicPartition> gone = new ArrayList<>();
        List<TopicPartition> come = new ArrayList<>();
        open.stream()
                .filter(queue -> !now.contains(queue))
                .map(partitions::partition)
                .forEach(gone::add);
        now.stream()
                .filter(queue -> !open.contains(queue))
                .map(partitions::partition)
                .forEach(come::add);
        if (!gone.isEmpty()) {
            task.close(gone);
            gone.forEach(partition -> delivered.remove(partitions.queue(partition)));
        }
        open = new TreeSet<>(now);
        sink.assign(open);
        if (!come.isEmpty()) {
            task.open(come);
        }
    }

    private List<SinkRecord> convert(
            List<ReadMessage> read, MessageMapping mapping, Transforms<SinkRecord> transforms, ErrorHandling errors)
            throws InterruptedException {
        List<SinkRecord> records = new ArrayList<>(read.size());
        for (ReadMessage message : read) {
            ErrorHandling.LeftOut leftOut = (stage, error) -> deadLetters.add(message, stage.name(), error);
            String what = "message " + message.offset() + " of " + message.queue();
            SinkRecord record = errors.<SinkRecord>on(
                    ErrorHandling.Stage.KEY_VALUE_HEADER_CONVERSION,
                    what,
                    () -> mapping.toRecord(message, partitions),
                    leftOut);
            SinkRecord changed = record == null
                    ? null
                    : errors.<SinkRecord>on(
                            ErrorHandling.Stage.TRANSFORMATION, what, () -> transforms.apply(record), leftOut);
            if (changed != null) {
                records.add(changed);
                remember(message);
            }
            delivered.put(message.queue(), message.offset() + 1);
        }
        return records;
    }

    private void remember(ReadMessage message) {
        if (sink.errantRecordReporter() != null) {
            synchronized (put) {
                put.put(message.queue() + "@" + message.offset(), message);
                if (put.size() > MOST_REMEMBERED) {
                    put.remove(put.keySet().iterator().next());
                }
            }
        }
    }

    /** Also without records: a plugin may have to look at its clock. */
    private void put(ErrorHandling errors) throws InterruptedException {
        try {
            task.put(waiting);
            context.counters().sent(waiting.size());
            waiting = List.of();
            tries = 0;
        } catch (RetriableException e) {
            context.counters().error();
            context.counters().retry();
            long asked = sink.takeTimeout();
            long delay = asked >= 0 ? asked : errors.delay(tries);
            tries++;
            LOG.warn(
                    "connector {}: {} messages wait, again in {} ms: {}",
                    context.name(),
                    waiting.size(),
                    delay,
                    Texts.describe(e));
            signal.pause(delay);
        }
    }

    private void commit(TopicReader from) {
        if (!waiting.isEmpty()) {
            return; // what waits was not taken yet
        }
        Map<TopicPartition, OffsetAndMetadata> current = new HashMap<>();
        delivered.forEach((queue, offset) -> current.put(partitions.partition(queue), new OffsetAndMetadata(offset)));
        if (current.isEmpty()) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> flushed;
        try {
            flushed = task.preCommit(current);
        } catch (RetriableException e) {
            context.counters().error();
            context.counters().retry();
            LOG.warn("connector {}: what was taken is not flushed yet: {}", context.name(), Texts.describe(e));
            return;
        }
        Map<TopicQueue, Long> offsets = new TreeMap<>();
        flushed.forEach((partition, offset) -> {
            TopicQueue queue = partitions.queue(partition);
            Long most = delivered.get(queue);
            if (most != null && offset.offset() <= most) {
                offsets.put(queue, offset.offset());
            }
        });
        from.commit(offsets);
    }

    /** Takes records that the plugin found to be bad. */
    private final class Reporter implements ErrantRecordReporter {
        @Override
        public Future<Void> report(SinkRecord record, Throwable error) {
            ReadMessage message;
            synchronized (put) {
                message = put.get(partitions.queue(original(record)) + "@" + record.originalKafkaOffset());
            }
            if (message == null) {
                throw new ConnectException("the record was put too long ago to be reported: " + original(record));
            }
            context.counters().error();
            try {
                deadLetters.add(message, ErrorHandling.Stage.TASK_PUT.name(), error);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ConnectException("the report of a bad record was interrupted", e);
            }
            return CompletableFuture.completedFuture(null);
        }
    }

    // ---- told by others

    @Override
    public void signalStop() {
        signal.stop();
        wakeUp();
    }

    private void wakeUp() {
        TopicReader reading = reader;
        if (reading != null) {
            reading.wakeUp();
        }
    }

    @Override
    public void abandon() {
        signal.abandon();
    }

    @Override
    public void pause() {
        signal.pause(true);
        wakeUp();
    }

    @Override
    public void resume() {
        signal.pause(false);
    }
}
