/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The real disk without its forces, so that tests of other things do not wait for it. */
final class UnforcedDisk implements Disk {
    private final Disk disk = new NioDisk();

    @Override
    public Closeable lock(Path directory) throws IOException {
        return disk.lock(directory);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return new Unforced(disk.open(file));
    }

    @Override
    public DiskFile openToRead(Path file) throws IOException {
        return disk.openToRead(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }

    @Override
    public void forceDirectory(Path directory) {
        // That is the point.
    }

    @Override
    public long usableSpace(Path directory) throws IOException {
        return disk.usableSpace(directory);
    }

    @Override
    public void unmap(ByteBuffer mapping) {
        disk.unmap(mapping);
    }

    private record Unforced(DiskFile file) implements DiskFile {
        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void setSize(long size) throws IOException {
            file.setSize(size);
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            file.write(bytes, position);
        }

        @Override
        public void read(ByteBuffer into, long position) throws IOException {
            file.read(into, position);
        }

        @Override
        public void force() {
            // That is the point.
        }

        @Override
        public ByteBuffer map(int size) throws IOException {
            return file.map(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
