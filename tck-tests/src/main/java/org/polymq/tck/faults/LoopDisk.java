/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file system of its own in an image file, whose power can be cut: what was not forced is gone afterwards. Needs the
 * right to mount. Used by one thread.
 */
final class LoopDisk implements AutoCloseable {
    private static final long BYTES = 2L << 30;

    private final Path image;
    private final Path mount;

    private LoopDisk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /** Why there can be none here; empty if there can. */
    static Optional<String> impossible() throws IOException, InterruptedException {
        for (String program : List.of("mkfs.ext4", "mount", "umount", "losetup", "xfs_io")) {
            if (!succeeds("sh", "-c", "command -v " + program)) {
                return Optional.of("there is no " + program + " (Debian: e2fsprogs, mount, xfsprogs)");
            }
        }
        Path probe = Files.createTempDirectory("polymq-faults-probe");
        try (LoopDisk disk = make(probe.resolve("image"), Files.createDirectory(probe.resolve("disk")))) {
            disk.cutPower();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("a disk image cannot be mounted: " + e.getMessage());
        } finally {
            Files.deleteIfExists(probe.resolve("disk"));
            Files.deleteIfExists(probe.resolve("image"));
            Files.deleteIfExists(probe);
        }
    }

    /** Makes an empty ext4 file system and mounts it on an existing directory. */
    static LoopDisk make(Path image, Path mount) throws IOException, InterruptedException {
        run("truncate", "-s", Long.toString(BYTES), image.toString());
        run("mkfs.ext4", "-q", "-F", image.toString());
        LoopDisk disk = new LoopDisk(image, mount);
        disk.powerOn();
        return disk;
    }

    /** From now on nothing reaches the disk any more, and what only memory held never will. */
    void cutPower() throws IOException, InterruptedException {
        run("xfs_io", "-x", "-c", "shutdown", mount.toString());
    }

    /** Mounts what the disk holds. Whoever had files of it open before is gone by now. */
    void powerOn() throws IOException, InterruptedException {
        run("mount", "-o", "loop", image.toString(), mount.toString());
    }

    /** Takes it from its directory. */
    void unmount() throws IOException, InterruptedException {
        run("umount", mount.toString());
    }

    @Override
    public void close() {
        try {
            unmount();
        } catch (IOException e) {
            System.err.println("unmounting " + mount + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            run(command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
