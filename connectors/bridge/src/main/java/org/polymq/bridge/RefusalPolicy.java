/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

/** What becomes of a message that the other side refuses for good. */
enum RefusalPolicy {
    /** It goes to the queue {@code %DLQ%BRIDGE-NAME}, with the reason. */
    DEAD_LETTER,
    /** It is dropped, and counted. */
    SKIP,
    /** The link stops there until somebody restarts the bridge. */
    STOP;

    /** As it is written in a definition. */
    String word() {
        return switch (this) {
            case DEAD_LETTER -> "dead-letter";
            case SKIP -> "skip";
            case STOP -> "stop";
        };
    }
}
