/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.GroupEntry;
import org.polymq.storage.GroupLog;
import org.polymq.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's log as the engine's. Messages are kept by retention and not by the engine: cutting off the front only
 * moves a mark.
 */
final class BrokerLogStorage implements LogStorage {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerLogStorage.class);
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final GroupLog log;
    private final long snapshotIndex;
    private volatile long first = 1;

    /** @param snapshotIndex last entry of the engine's newest snapshot; 0 for none */
    BrokerLogStorage(GroupLog log, long snapshotIndex) {
        this.log = log;
        this.snapshotIndex = snapshotIndex;
    }

    @Override
    public boolean init(LogStorageOptions options) {
        first = Math.min(log.firstIndex(), snapshotIndex + 1);
        if (first <= log.lastIndex() && log.term(first) == 0) {
            LOG.error(
                    "Entry {} is needed, since the engine's snapshot of it is gone, and the log begins behind it: empty"
                            + " this node's data directory, and the others give it all that it needs",
                    first);
            return false;
        }
        log.keepFrom(first);
        for (long index = first; index <= log.lastIndex(); index++) {
            GroupEntry entry = log.entry(index);
            if (entry != null && entry.kind() == GroupEntry.Kind.MEMBERS) {
                options.getConfigurationManager().add(Members.entry(toEngine(entry)));
            }
        }
        return true;
    }

    @Override
    public void shutdown() {
        // The log outlives the engine.
    }

    @Override
    public long getFirstLogIndex() {
        return first;
    }

    @Override
    public long getLastLogIndex() {
        return Math.max(log.lastIndex(), first - 1);
    }

    @Override
    public @Nullable LogEntry getEntry(long index) {
        GroupEntry entry = log.entry(index);
        return entry == null ? null : toEngine(entry);
    }

    @Override
    @Deprecated
    public long getTerm(long index) {
        return log.term(index);
    }

    @Override
    public boolean appendEntry(LogEntry entry) {
        return appendEntries(List.of(entry)) == 1;
    }

    @Override
    public int appendEntries(List<LogEntry> entries) {
        if (entries.isEmpty()) {
            return 0;
        }
        try {
            log.write(entries.stream().map(BrokerLogStorage::fromEngine).toList());
            return entries.size();
        } catch (StorageException | IllegalArgumentException e) {
            LOG.error("Entries of the group are not stored: this node stops taking part", e);
            return 0;
        }
    }

    @Override
    public boolean truncatePrefix(long firstIndexKept) {
        log.keepFrom(first); // until the next time: somebody may be about to read what was needed until now
        first = firstIndexKept;
        return true;
    }

    @Override
    public boolean truncateSuffix(long lastIndexKept) {
        try {
            log.cutAfter(lastIndexKept);
            return true;
        } catch (StorageException | IllegalArgumentException e) {
            LOG.error("Entries that were not committed cannot be taken back", e);
            return false;
        }
    }

    @Override
    public boolean reset(long nextLogIndex) {
        // What a snapshot of another node brought is adopted as a whole when the log is opened: see Adoption.
        first = nextLogIndex;
        return log.lastIndex() + 1 == nextLogIndex;
    }

    private static GroupEntry fromEngine(LogEntry entry) {
        long index = entry.getId().getIndex();
        long term = entry.getId().getTerm();
        EntryType type = entry.getType();
        if (type == EntryType.ENTRY_TYPE_DATA) {
            return new GroupEntry(index, term, GroupEntry.Kind.MESSAGES, entry.getReadOnlyData());
        }
        return type == EntryType.ENTRY_TYPE_CONFIGURATION
                ? new GroupEntry(index, term, GroupEntry.Kind.MEMBERS, Members.encode(entry))
                : new GroupEntry(index, term, GroupEntry.Kind.NOTHING, EMPTY);
    }

    private static LogEntry toEngine(GroupEntry entry) {
        LogEntry made = new LogEntry(
                switch (entry.kind()) {
                    case MESSAGES -> EntryType.ENTRY_TYPE_DATA;
                    case NOTHING -> EntryType.ENTRY_TYPE_NO_OP;
                    case MEMBERS -> EntryType.ENTRY_TYPE_CONFIGURATION;
                });
        made.getId().setIndex(entry.index());
        made.getId().setTerm(entry.term());
        if (entry.kind() == GroupEntry.Kind.MEMBERS) {
            Members.decode(entry.body(), made);
        } else if (entry.kind() == GroupEntry.Kind.MESSAGES) {
            made.setData(entry.body());
        }
        return made;
    }
}
