/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.disk;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads RocksDB's native library. It lies in a jar and has to be a file: it is unpacked once, beside the installation
 * if that may be written, instead of at every start.
 */
final class NativeLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    private NativeLibrary() {}

    /** Does nothing if it is loaded already. */
    static void load() throws IOException {
        String home = System.getProperty("polymq.home");
        Path directory = home == null ? null : unpacked(Path.of(home).resolve("native"));
        try {
            if (directory == null) {
                RocksDB.loadLibrary();
            } else {
                RocksDB.loadLibrary(List.of(directory.toString()));
            }
        } catch (UnsatisfiedLinkError | RuntimeException e) {
            throw new IOException("RocksDB's library for this system cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** The directory with the library's file, or null if it cannot be had. */
    private static @Nullable Path unpacked(Path directory) {
        String inJar = Environment.getJniLibraryFileName("rocksdb");
        URL resource = RocksDB.class.getClassLoader().getResource(inJar);
        if (resource == null) {
            return null;
        }
        try {
            long size = resource.openConnection().getContentLengthLong();
            Path file = directory.resolve(size + "/" + Environment.getJniLibraryFileName("rocksdbjni"));
            if (Files.isRegularFile(file) && Files.size(file) == size) {
                return file.getParent();
            }
            Path parent = directory.resolve(Long.toString(size));
            Files.createDirectories(parent);
            Path temporary = Files.createTempFile(parent, "library", ".tmp");
            try (InputStream in = resource.openStream()) {
                Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return parent;
        } catch (IOException e) {
            LOG.info(
                    "RocksDB's library is unpacked at each start, as {} cannot be written: {}",
                    directory,
                    e.toString());
            return null;
        }
    }
}
