/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file. Safe from any thread. */
public interface DiskFile extends Closeable {
    /** Its size, bytes. */
    long size() throws IOException;

    /** Cuts it, or lengthens it by zeros that need no space yet. */
    void setSize(long size) throws IOException;

    /**
     * Writes all of the bytes at the position. Part of them may be written when it fails.
     *
     * @throws DiskFullException if there is no space
     */
    void write(ByteBuffer bytes, long position) throws IOException;

    /** Fills the buffer as far as the file has bytes from the position. */
    void read(ByteBuffer into, long position) throws IOException;

    /** Makes all earlier writes and the size durable (fdatasync). After a failure nothing may be assumed of them. */
    void force() throws IOException;

    /**
     * Maps the first bytes to read; later writes to the file show in it. It outlives the close of this file, until
     * {@link Disk#unmap}.
     *
     * @param size how many bytes; at most the file's size
     */
    ByteBuffer map(int size) throws IOException;

    @Override
    void close() throws IOException;
}
