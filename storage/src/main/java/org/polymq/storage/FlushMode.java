/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

/** What a reply waits for. */
public enum FlushMode {
    /** The page cache: survives a killed process, but a power cut may take what the last flush interval wrote. */
    ASYNC,
    /** A grouped fdatasync: what was acknowledged survives a power cut. */
    SYNC
}
