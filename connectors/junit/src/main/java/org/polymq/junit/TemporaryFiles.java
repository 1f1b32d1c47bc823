/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories that go when they are not needed any more. */
final class TemporaryFiles {
    private TemporaryFiles() {}

    /** Deletes a directory with all that is in it; does nothing if it is gone. */
    static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(directory + " cannot be deleted: " + e.getMessage(), e);
        }
    }
}
