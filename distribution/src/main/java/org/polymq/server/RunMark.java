/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Tells a node whose machine went down while it ran from one that was killed: the latter has all that it had written. A
 * file holds the machine's boot id from when the node can trust its log until it stops cleanly.
 */
final class RunMark {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path file;
    private final String boot;
    private final boolean powerWasCut;

    private RunMark(Path file, String boot, boolean powerWasCut) {
        this.file = file;
        this.boot = boot;
        this.powerWasCut = powerWasCut;
    }

    /** Looks at what the run before has left. On a system without boot ids no power cut is noticed. */
    static RunMark begin(Path directory) throws IOException {
        return begin(
                directory, Files.isReadable(BOOT_ID) ? Files.readString(BOOT_ID).strip() : "unknown");
    }

    static RunMark begin(Path directory, String boot) throws IOException {
        Path file = directory.resolve("running");
        boolean cut = Files.exists(file) && !Files.readString(file).strip().equals(boot);
        return new RunMark(file, boot, cut);
    }

    /** Whether the machine was started anew since a run that did not stop cleanly. */
    boolean powerWasCut() {
        return powerWasCut;
    }

    /** From now on all that this node has stored is there unless the power is cut. */
    void trust() throws IOException {
        Path fresh = file.resolveSibling("running.new");
        Files.writeString(fresh, boot + "\n", UTF_8);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(directory(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private Path directory() {
        Path parent = file.getParent();
        return parent == null ? Path.of(".") : parent;
    }

    /** All that this node has stored is on disk. */
    void end() throws IOException {
        Files.deleteIfExists(file);
    }
}
