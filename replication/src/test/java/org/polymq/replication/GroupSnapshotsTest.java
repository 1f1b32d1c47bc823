/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupSnapshotsTest {
    @TempDir
    private Path directory;

    private GroupSnapshots snapshots;

    @BeforeEach
    void open() {
        snapshots = new GroupSnapshots(directory.resolve("snapshot"), new RaftOptions());
        assertThat(snapshots.init(null)).isTrue();
    }

    private SnapshotStage stage(long last) throws IOException {
        Path staged = Files.createDirectories(directory.resolve("staged").resolve(Long.toString(last)));
        Files.writeString(staged.resolve(last + ".snapshot"), "state");
        return new SnapshotStage(staged, new LogId(last, 1));
    }

    /** Saves a snapshot when the engine has applied so many entries. */
    private void save(long last, long applied) throws IOException {
        var writer = (GroupSnapshots.Writer) snapshots.create();
        try {
            writer.take(stage(last));
            assertThat(writer.saveMeta(SnapshotMeta.newBuilder()
                            .setLastIncludedIndex(applied)
                            .setLastIncludedTerm(1)
                            .build()))
                    .isTrue();
        } catch (IOException e) {
            writer.setError(1, "not taken");
            throw e;
        } finally {
            writer.close();
        }
    }

    private long newest() throws IOException {
        try (SnapshotReader reader = snapshots.open()) {
            return reader.load().getLastIncludedIndex();
        }
    }

    @Test
    void aSnapshotIsOfItsOwnLastEntryAndNotOfTheOneAtWhichTheEngineAsked() throws Exception {
        save(100, 150);
        assertThat(newest()).isEqualTo(100);

        save(150, 260);
        assertThat(newest()).isEqualTo(150);
    }

    /** The engine cuts its log behind the entry at which it asked the last time. */
    @Test
    void aSnapshotThatEndsBeforeTheEntriesThatTheEngineKeepsIsNotTaken() throws Exception {
        save(100, 150);

        assertThatThrownBy(() -> save(120, 260)).isInstanceOf(IOException.class).hasMessageContaining("150");
        assertThat(newest()).isEqualTo(100);
    }
}
