/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.alipay.sofa.jraft.storage.snapshot.local.LocalSnapshotStorage;
import com.alipay.sofa.jraft.storage.snapshot.local.LocalSnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's directory of snapshots, whose entry is that of the log's own snapshot: it lies some entries below the
 * one at which the engine asks.
 */
final class GroupSnapshots extends LocalSnapshotStorage {
    private static final Logger LOG = LoggerFactory.getLogger(GroupSnapshots.class);

    private final Path directory;
    private final RaftOptions options;
    private volatile long asked;

    GroupSnapshots(Path directory, RaftOptions options) {
        super(directory.toString(), null, options);
        this.directory = directory;
        this.options = options;
    }

    @Override
    public @Nullable SnapshotWriter create(boolean fromEmpty) {
        Path temporary = directory.resolve("temp");
        try {
            if (fromEmpty) {
                SnapshotStage.delete(temporary);
            }
        } catch (IOException e) {
            LOG.error("{} cannot be emptied", temporary, e);
            return null;
        }
        Writer writer = new Writer(temporary, this, options);
        return writer.init(null) ? writer : null;
    }

    /** Takes a staged snapshot. */
    static final class Writer extends LocalSnapshotWriter {
        private final Path path;
        private final GroupSnapshots snapshots;
        private @Nullable LogId staged;

        private Writer(Path path, GroupSnapshots snapshots, RaftOptions options) {
            super(path.toString(), snapshots, options);
            this.path = path;
            this.snapshots = snapshots;
        }

        /**
         * Moves the staged files here.
         *
         * @throws IOException also if the snapshot ends before the last time that the engine asked: from this snapshot
         *     on it keeps no earlier entries, so a node that got this one would miss those between
         */
        void take(SnapshotStage stage) throws IOException {
            if (stage.last().getIndex() < snapshots.asked) {
                throw new IOException("the entries between " + stage.last().getIndex() + " and " + snapshots.asked
                        + " are no longer kept for it; the next segment's will do");
            }
            staged = stage.last();
            for (Path each : SnapshotStage.files(stage.directory())) {
                Path name = stage.directory().relativize(each);
                Path target = path.resolve(name);
                Files.createDirectories(target.getParent());
                Files.move(each, target);
                addFile(name.toString(), null);
            }
        }

        @Override
        public boolean saveMeta(SnapshotMeta meta) {
            LogId last = staged;
            if (last == null) {
                return super.saveMeta(meta); // as another node sent it
            }
            snapshots.asked = meta.getLastIncludedIndex();
            // The members are those of the entry at which the engine asks: they were agreed on too.
            return super.saveMeta(SnapshotMeta.newBuilder(meta)
                    .setLastIncludedIndex(last.getIndex())
                    .setLastIncludedTerm(last.getTerm())
                    .build());
        }
    }
}
