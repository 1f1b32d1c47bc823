/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

/** Hears what becomes of a node. Called by the engine's threads: must not block. */
public interface Leadership {
    /**
     * This node leads from now on, and has applied all that was committed before. It takes proposals after
     * {@link RaftGroup#acceptProposals}.
     */
    void leading(long term);

    /** This node does not lead any more; it takes no proposals. */
    void following();

    /** The node that this one followed does not lead any more, or cannot be heard. */
    default void leaderLost() {
        // Another word comes when there is a leader again.
    }

    /**
     * Another node's snapshot lies ready: the log is to be closed and opened again, which adopts it. To be done at
     * once: until then this node neither votes nor takes entries, and the group has one node less that it can lose.
     */
    void restart();

    /** This node was not to {@linkplain GroupOptions#mayVote vote}, and has all again that is committed. */
    default void caughtUp() {
        // Most nodes vote from the start.
    }

    /** This node takes no part any more until it is started again. */
    void broken(String reason);
}
