/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Space that is given back on a full disk, so that consuming, deleting and cleaning still work. Safe from any thread.
 */
final class Reserve {
    private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
    private static final int LARGEST = 32 << 20;
    private static final int STEP = 1 << 20;

    private final LogFiles files;
    private final int size;
    private boolean present;

    Reserve(LogFiles files, int segmentSize) {
        this.files = files;
        this.size = Math.min(segmentSize, LARGEST);
    }

    /** Looks whether an earlier start left it. */
    synchronized void find() throws IOException {
        String name = String.valueOf(files.reserve().getFileName());
        if (files.disk().list(files.directory()).contains(name)) {
            try (DiskFile file = files.disk().openToRead(files.reserve())) {
                present = file.size() == size;
            }
        }
    }

    /** How much space making it would take, bytes. */
    synchronized long missing() {
        return present ? 0 : size;
    }

    /** Gives the space back; whether there was any. */
    synchronized boolean release() {
        if (!present) {
            return false;
        }
        present = false;
        try {
            files.disk().delete(files.reserve());
            LOG.warn("The disk is full: {} bytes of reserve are given to acknowledgements and deletions", size);
            return true;
        } catch (IOException e) {
            LOG.error("The disk is full and the reserve cannot be given back", e);
            return false;
        }
    }

    /** Takes the space if it is not taken; whether it is now. */
    synchronized boolean ensure() throws IOException {
        if (present) {
            return true;
        }
        try (DiskFile file = files.disk().open(files.reserve())) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(Math.min(size, STEP));
            for (long at = 0; at < size; at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), size - at));
                file.write(zeros, at);
            }
            file.force();
            present = true;
            return true;
        } catch (DiskFullException e) {
            files.disk().delete(files.reserve());
            return false;
        }
    }
}
