/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.publish.Outgoing;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.subscription.Delivery;
import org.polymq.broker.subscription.Settlement;
import org.polymq.broker.xa.Work;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.SessionMode;
import org.polymq.jms.wire.Frame.TagRange;
import org.polymq.jms.wire.WireError;

/** One session of a connection. Confined to its connection's event loop. */
final class JmsSession {
    private final JmsConnection connection;
    private final SessionMode mode;
    /** Those that deliver, and closed ones with deliveries that are not settled. */
    private final Map<Integer, JmsConsumer> consumers = new LinkedHashMap<>();

    private boolean recovering;
    private boolean closed;

    JmsSession(JmsConnection connection, SessionMode mode) {
        this.connection = connection;
        this.mode = mode;
    }

    JmsConnection connection() {
        return connection;
    }

    private Lane lane() {
        return connection.lane();
    }

    boolean isRecovering() {
        return recovering;
    }

    boolean isClosed() {
        return closed;
    }

    void add(JmsConsumer consumer) {
        consumers.put(consumer.id(), consumer);
    }

    void remove(JmsConsumer consumer) {
        consumers.remove(consumer.id());
    }

    /**
     * Settles ranges together with others that came with them; the reply tells when it is written (in a lazy session:
     * noted).
     */
    void settle(List<TagRange> ranges, Settling settling, int correlation) {
        Gather gather = new Gather(ranges.size(), correlation);
        for (TagRange range : ranges) {
            JmsConsumer consumer = consumers.get(range.consumerId());
            Map<Long, Delivery> taken = consumer == null ? Map.of() : consumer.take(range);
            if (consumer == null || taken.isEmpty()) {
                gather.ok(Done.DONE);
            } else {
                settling.add(consumer, taken, gather);
            }
        }
        if (ranges.isEmpty()) {
            connection.reply(correlation, new Ok());
        }
    }

    /** Whether acknowledgements are noted and written later. */
    boolean isLazy() {
        return mode == SessionMode.LAZY;
    }

    /** They are unsettled again, of a consumer that may have been dropped; a closed session's went back already. */
    void putBack(JmsConsumer consumer, Map<Long, Delivery> taken) {
        if (!closed) {
            consumer.putBack(taken);
            add(consumer);
        }
    }

    /** Answers one request when the last of its parts is done. */
    private final class Gather implements Reply<Done> {
        private final int correlation;
        private int open;
        private boolean failed;

        Gather(int parts, int correlation) {
            this.open = parts;
            this.correlation = correlation;
        }

        @Override
        public void ok(Done done) {
            open--;
            if (open == 0 && !failed) {
                connection.reply(correlation, new Ok());
            }
        }

        @Override
        public void failed(BrokerException cause) {
            open--;
            if (!failed) {
                failed = true;
                connection.refuse(correlation, cause);
            }
        }
    }

    /** Forgets a closed consumer that has nothing left to settle. */
    void dropIfDone(JmsConsumer consumer) {
        if (consumer.isDone()) {
            consumers.remove(consumer.id());
        }
    }

    /** Stores the messages and settles the ranges as one entry of the log; the task runs before the answer. */
    void commit(List<Outgoing> messages, List<TagRange> ranges, int correlation, Runnable whenStored) {
        List<Settlement> settlements = new ArrayList<>(ranges.size());
        for (TagRange range : ranges) {
            JmsConsumer consumer = consumers.get(range.consumerId());
            if (consumer == null || consumer.isOfBefore(range)) {
                messages.forEach(Outgoing::abandon);
                connection.reply(
                        correlation,
                        new Failed(
                                WireError.TRANSACTION_ROLLED_BACK,
                                "the connection broke, and messages of the transaction went back to their places"));
                return;
            }
            if (range.first() <= range.last()) {
                settlements.add(consumer.consumer().settle(consumer.unsettled(range)));
            }
        }
        connection.sendBegins();
        connection.publisher().commit(messages, settlements, lane(), new Reply<>() {
            @Override
            public void ok(List<Stored> stored) {
                connection.sendDone();
                whenStored.run();
                for (TagRange range : ranges) {
                    JmsConsumer consumer = consumers.get(range.consumerId());
                    if (consumer != null && range.first() <= range.last()) {
                        consumer.acknowledged(consumer.unsettled(range));
                        consumer.settled(range);
                        dropIfDone(consumer);
                    }
                }
                connection.reply(correlation, new Ok());
            }

            @Override
            public void failed(BrokerException cause) {
                connection.sendDone();
                connection.refuseCommit(correlation, cause);
            }
        });
    }

    /** Takes ranges for a branch of a transaction, which settles or returns them. */
    List<Work.Taken> taken(List<TagRange> ranges) {
        List<Work.Taken> taken = new ArrayList<>(ranges.size());
        for (TagRange range : ranges) {
            JmsConsumer consumer = consumers.get(range.consumerId());
            if (consumer != null) {
                taken.add(
                        Work.Taken.of(consumer.consumer(), consumer.take(range).values()));
                dropIfDone(consumer);
            }
        }
        return taken;
    }

    /** Returns all unsettled deliveries, once those on their way to this event loop are here. */
    void recover(List<TagRange> seen, int correlation) {
        List<JmsConsumer> concerned = new ArrayList<>(consumers.values());
        concerned.removeIf(JmsConsumer::isBrowser);
        recovering = true;
        concerned.forEach(JmsConsumer::quiet);
        behindDeliveries(concerned, () -> {
            if (closed) {
                return;
            }
            concerned.forEach(consumer -> consumer.giveBack(seen));
            consumers.values().removeIf(JmsConsumer::isDone);
            recovering = false;
            connection.reply(correlation, new Ok());
            concerned.forEach(JmsConsumer::resume);
        });
    }

    /**
     * Runs a task behind everything that the core has handed out to these consumers: it may still be on its way, from
     * another connection's event loop or a thread that reads it from the disk.
     */
    private static void behindDeliveries(Collection<JmsConsumer> consumers, Runnable task) {
        int[] open = {1};
        Runnable part = () -> {
            open[0]--;
            if (open[0] == 0) {
                task.run();
            }
        };
        for (JmsConsumer consumer : List.copyOf(consumers)) {
            open[0]++;
            consumer.poll(part);
        }
        part.run();
    }

    void close(JmsConsumer consumer, List<TagRange> seen, int correlation) {
        consumer.quiet();
        behindDeliveries(List.of(consumer), () -> {
            if (!closed) {
                consumer.stop(seen);
                dropIfDone(consumer);
                connection.reply(correlation, new Ok());
            }
        });
    }

    /** Returns everything and lets go of all consumers; the next consumers can have it when this returns. */
    void close(List<TagRange> seen) {
        if (closed) {
            return;
        }
        closed = true;
        consumers.values().forEach(consumer -> consumer.close(seen));
        consumers.clear();
    }
}
