/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The large views: one sorted map that is in memory while it is small and in RocksDB when it is not.
 *
 * <pre>
 *  apply -> overlay (memory) -- full --> frozen overlays -- one thread --> RocksDB, no write-ahead log
 *                                                             |
 *  snapshot of the log -- same record --------------------> checkpoint: hard links
 * </pre>
 */
@NullMarked
package org.polymq.broker.disk;

import org.jspecify.annotations.NullMarked;
