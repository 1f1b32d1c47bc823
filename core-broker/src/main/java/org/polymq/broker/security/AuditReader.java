/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Reads the files of an {@link AuditFile} backwards, the newest line first, some of a file at a time. A file that is
 * renamed meanwhile may be read twice or not at all. Safe from any thread; waits for the disk.
 */
public final class AuditReader {
    private static final int BLOCK = 64 * 1024;

    private final Path directory;

    public AuditReader(Path directory) {
        this.directory = directory;
    }

    /** Shows the lines, the newest first, until the visitor has enough. */
    public void visit(Predicate<String> visitor) throws IOException {
        Path path = directory.resolve("audit.log");
        for (int number = 1; Files.exists(path); number++) {
            if (!visit(path, visitor)) {
                return;
            }
            path = directory.resolve("audit." + number + ".log");
        }
    }

    private static boolean visit(Path path, Predicate<String> visitor) throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            // The bytes of the line that goes on at the end of the next block, last byte first.
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (long end = file.size(); end > 0; end = Math.max(0, end - BLOCK)) {
                long start = Math.max(0, end - BLOCK);
                ByteBuffer block = ByteBuffer.allocate((int) (end - start));
                while (block.hasRemaining() && file.read(block, start + block.position()) >= 0) {
                    // a read may give less than was asked for
                }
                for (int i = block.position() - 1; i >= 0; i--) {
                    byte each = block.get(i);
                    if (each != '\n') {
                        line.write(each);
                    } else if (line.size() > 0 && !shown(line, visitor)) {
                        return false;
                    }
                }
            }
            return line.size() == 0 || shown(line, visitor);
        }
    }

    private static boolean shown(ByteArrayOutputStream reversed, Predicate<String> visitor) {
        byte[] bytes = reversed.toByteArray();
        for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
            byte swapped = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = swapped;
        }
        reversed.reset();
        return visitor.test(new String(bytes, UTF_8));
    }
}
