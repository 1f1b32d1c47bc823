/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The part of a state machine's snapshot that lies in files of its own, as of the record at which it was asked for. The
 * log forces the files, remembers their checksums and deletes them with the snapshot.
 */
public interface StateFiles {
    /** No files. */
    StateFiles NONE = directory -> false;

    /**
     * Makes the directory, which is not there yet, and puts the files into it; no directories inside. Called at most
     * once, by the log's background thread or by who closes the log; it may wait.
     *
     * @return whether there is anything; if not, the directory was not made
     */
    boolean write(Path directory) throws IOException;
}
