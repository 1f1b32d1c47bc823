/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A log that is forgotten with its process. */
final class HeapLogStorage implements LogStorage {
    private final TreeMap<Long, LogEntry> entries = new TreeMap<>();
    private long first = 1;

    @Override
    public boolean init(LogStorageOptions options) {
        return true;
    }

    @Override
    public void shutdown() {}

    @Override
    public synchronized long getFirstLogIndex() {
        return first;
    }

    @Override
    public synchronized long getLastLogIndex() {
        return entries.isEmpty() ? first - 1 : entries.lastKey();
    }

    @Override
    public synchronized @Nullable LogEntry getEntry(long index) {
        return entries.get(index);
    }

    @Override
    @Deprecated
    public synchronized long getTerm(long index) {
        LogEntry entry = entries.get(index);
        return entry == null ? 0 : entry.getId().getTerm();
    }

    @Override
    public synchronized boolean appendEntry(LogEntry entry) {
        entries.put(entry.getId().getIndex(), entry);
        return true;
    }

    @Override
    public synchronized int appendEntries(List<LogEntry> added) {
        added.forEach(this::appendEntry);
        return added.size();
    }

    @Override
    public synchronized boolean truncatePrefix(long firstIndexKept) {
        entries.headMap(firstIndexKept).clear();
        first = firstIndexKept;
        return true;
    }

    @Override
    public synchronized boolean truncateSuffix(long lastIndexKept) {
        entries.tailMap(lastIndexKept, false).clear();
        return true;
    }

    @Override
    public synchronized boolean reset(long nextLogIndex) {
        entries.clear();
        first = nextLogIndex;
        return true;
    }
}
