/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/** Places where a test may stop the log. What {@link #hit} throws passes through the log like a crash. */
@FunctionalInterface
public interface Failpoints {
    /** Does nothing. */
    Failpoints NONE = point -> {};

    /** Called by whichever thread passes the point. */
    void hit(Point point);

    /** The places. */
    enum Point {
        /** Before an entry is written. */
        WRITE,
        /** After an entry was written, before it is applied. */
        WRITTEN,
        /** Before an fdatasync of the log. */
        FORCE,
        /** After an fdatasync of the log, before anyone is told. */
        FORCED,
        /** Before a request is told that it is stored. */
        ACKNOWLEDGE,
        /** Before the open segment is sealed. */
        ROLL,
        /** After the new segment was opened. */
        ROLLED,
        /** Before a sealed segment's index file is written. */
        INDEX,
        /** Before a snapshot is written. */
        SNAPSHOT,
        /** After a snapshot was written and forced, before it gets its name. */
        SNAPSHOT_RENAME,
        /** After a snapshot is in place, before older ones are deleted. */
        SNAPSHOT_DONE,
        /** Before the files of a removed segment are deleted. */
        DELETE,
        /** After a removed segment's own file is deleted, before its index. */
        DELETED,
        /** Before a cleaned segment's files are written. */
        CLEAN,
        /** After a cleaned segment's index is written and forced, before its own file is. */
        CLEAN_INDEX,
        /** After both are forced, before they get their names. */
        CLEAN_RENAME,
        /** After the index has its name, before the segment's file has. */
        CLEAN_INDEX_RENAMED,
        /** After both have their names, before these are forced. */
        CLEANED
    }
}
