/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.IOException;

/**
 * A new segment's file: its full size, all zeros, mapped.
 *
 * @param named whether its name is durable
 */
record SegmentFile(long number, DiskFile file, Mapping mapping, boolean named) {
    static SegmentFile create(LogFiles files, long number, int size, boolean named) throws IOException {
        files.disk().delete(files.segment(number));
        DiskFile file = files.disk().open(files.segment(number));
        try {
            file.setSize(size);
            Mapping mapping = new Mapping(files.disk(), file.map(size));
            if (named) {
                file.force();
                files.disk().forceDirectory(files.directory());
            }
            return new SegmentFile(number, file, mapping, named);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Deletes a file that was not needed. */
    void discard(LogFiles files) throws IOException {
        mapping.close();
        file.close();
        files.disk().delete(files.segment(number));
    }
}
