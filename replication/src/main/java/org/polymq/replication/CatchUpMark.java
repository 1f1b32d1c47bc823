/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Says on disk that a node began with an empty log, and did not yet have all that its group had committed. Without it a
 * node that is stopped in the middle would pass for one that has.
 */
final class CatchUpMark {
    private final Path directory;
    private final Path file;

    private CatchUpMark(Path directory) {
        this.directory = directory;
        this.file = directory.resolve("catching-up");
    }

    /** The mark of one node, which is made now if its log is empty. */
    static CatchUpMark of(Path directory, boolean logIsEmpty) throws IOException {
        CatchUpMark mark = new CatchUpMark(directory);
        if (logIsEmpty && !mark.isSet()) {
            Files.createFile(mark.file);
            mark.force();
        }
        return mark;
    }

    boolean isSet() {
        return Files.exists(file);
    }

    /** The node has everything. */
    void clear() throws IOException {
        if (Files.deleteIfExists(file)) {
            force();
        }
    }

    private void force() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
