/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The files of a log. Safe from any thread. Names become durable with {@link #forceDirectory} only. */
public interface Disk {
    /**
     * Takes the directory for this process, creating it when missing.
     *
     * @return gives it back when closed
     * @throws StorageException FAILED if somebody has it; the message names the holder
     */
    Closeable lock(Path directory) throws IOException;

    /** Names of the files in the directory, in no order. */
    List<String> list(Path directory) throws IOException;

    /** Opens a file to write and read, creating it when missing. */
    DiskFile open(Path file) throws IOException;

    /** Opens an existing file to read. */
    DiskFile openToRead(Path file) throws IOException;

    /** Renames, replacing the target. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file if it is there. Mappings of it stay readable. */
    void delete(Path file) throws IOException;

    /** Makes created, renamed and deleted names durable. */
    void forceDirectory(Path directory) throws IOException;

    /** Free space, bytes. */
    long usableSpace(Path directory) throws IOException;

    /** Releases a buffer that {@link DiskFile#map} gave. Nobody may touch it afterwards. */
    void unmap(ByteBuffer mapping);
}
