/* SPDX-License-Identifier: Apache-2.0 */
/** The log: entries, segments, per-segment queue indexes and snapshots. */
@NullMarked
package org.polymq.storage;

import org.jspecify.annotations.NullMarked;
