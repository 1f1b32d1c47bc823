/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The model: every record that was ever applied, in order, and what follows from them. */
final class History {
    private final List<Applied> applied = new ArrayList<>();
    private final IdentityHashMap<AppendRequest, Long> ends = new IdentityHashMap<>();
    private final List<ByteBuffer> sending = new ArrayList<>();
    private long durable;
    private long written;

    /**
     * A record.
     *
     * @param segment number of its segment
     * @param digest of this and all before
     */
    record Applied(long position, long segment, long digest, ByteBuffer record) {}

    /** A message of a queue; removed with its segment. */
    record Message(long offset, long position, long segment, long id, ByteBuffer record, boolean removed) {
        Message gone() {
            return new Message(offset, position, segment, id, record, true);
        }
    }

    /** These records are about to be appended, after those before. */
    void sending(AppendRequest request) {
        sending.addAll(request.records());
    }

    /** A record is applied for the first time: by its request, or by recovery if the process died before. */
    void add(long position, long segment, long time, ByteBuffer record, @Nullable AppendRequest origin) {
        if (sending.isEmpty() || !sending.remove(0).equals(record)) {
            throw new AssertionError("the record at " + position + " is not the next that was sent");
        }
        long before = applied.isEmpty() ? 0 : applied.get(applied.size() - 1).digest();
        ByteBuffer copy =
                ByteBuffer.allocate(record.remaining()).put(record.duplicate()).flip();
        applied.add(new Applied(position, segment, TestMachine.next(before, position, time, copy.duplicate()), copy));
        if (origin != null) {
            ends.put(origin, (long) applied.size());
        }
    }

    /** How many records were applied. */
    long size() {
        return applied.size();
    }

    /** How many records there are up to and with this request's. */
    long endOf(AppendRequest request) {
        return ends.getOrDefault(request, 0L);
    }

    /** So many records are there from now on, whatever happens. */
    void durable(long records) {
        durable = Math.max(durable, records);
    }

    /** So many records are there unless the power is cut. */
    void written(long records) {
        written = Math.max(written, records);
    }

    void powerCut() {
        written = 0;
    }

    /** The log has so many records: the rest was lost, which must be an unacknowledged suffix. Returns how many. */
    int cutTo(long records, long digest) {
        long mustHave = Math.max(durable, written);
        if (records < mustHave) {
            throw new AssertionError(records + " records are there, though " + mustHave + " were acknowledged");
        }
        if (records > applied.size()) {
            throw new AssertionError(records + " records are there, though only " + applied.size() + " were written");
        }
        long expected = records == 0 ? 0 : applied.get((int) records - 1).digest();
        if (expected != digest) {
            throw new AssertionError("the state is not what the first " + records + " records make");
        }
        int lost = applied.size() - (int) records;
        applied.subList((int) records, applied.size()).clear();
        ends.clear();
        sending.clear();
        durable = records; // recovery forces what it found
        return lost;
    }

    /** The queues that the records make. */
    Map<Long, List<Message>> queues() {
        Map<Long, List<Message>> queues = new HashMap<>();
        for (Applied each : applied) {
            ByteBuffer record = each.record();
            long number = record.getLong(1);
            switch (record.get(0)) {
                case TestMachine.MESSAGE -> {
                    List<Message> queue = queues.computeIfAbsent(number, q -> new ArrayList<>());
                    queue.add(new Message(
                            queue.size(), each.position(), each.segment(), record.getLong(9), record, false));
                }
                case TestMachine.REMOVE_QUEUE -> queues.remove(number);
                case TestMachine.REMOVE_SEGMENT -> queues.values().forEach(queue -> remove(queue, number));
                case TestMachine.CLEAN_SEGMENT ->
                    queues.values().forEach(queue -> clean(queue, number, record.getLong(9)));
                default -> {
                    // It changes no queue.
                }
            }
        }
        return queues;
    }

    /** The held records that must be there, by position. */
    Map<Long, ByteBuffer> held() {
        Map<Long, Applied> held = new HashMap<>();
        for (Applied each : applied) {
            long number = each.record().getLong(1);
            switch (each.record().get(0)) {
                case TestMachine.HELD -> held.put(each.position(), each);
                case TestMachine.CLEAN_SEGMENT -> {
                    long salt = each.record().getLong(9);
                    held.values()
                            .removeIf(record -> record.segment() == number
                                    && !TestMachine.outlives(record.record().getLong(1), salt));
                }
                case TestMachine.REMOVE_SEGMENT -> held.values().removeIf(record -> record.segment() == number);
                default -> {
                    // It holds nothing.
                }
            }
        }
        Map<Long, ByteBuffer> records = new HashMap<>();
        held.forEach((position, record) -> records.put(position, record.record()));
        return records;
    }

    private static void clean(List<Message> queue, long segment, long salt) {
        queue.replaceAll(message ->
                message.segment() != segment || TestMachine.outlives(message.id(), salt) ? message : message.gone());
    }

    private static void remove(List<Message> queue, long segment) {
        queue.replaceAll(message -> message.segment() == segment ? message.gone() : message);
    }
}
