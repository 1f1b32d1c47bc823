/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.session;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;
import org.polymq.broker.subscription.Settlement;

/**
 * Keeps the wills of clients in the log, so that they outlive the broker. When one is to be published, and how, is the
 * adapter's. Safe from any thread.
 */
public final class StoredWills {
    private final WillsView view;
    private final Committer committer;

    public StoredWills(WillsView view, Committer committer) {
        this.view = view;
        this.committer = committer;
    }

    /** All that are not published and not discarded. */
    public Collection<StoredWill> all() {
        return view.all();
    }

    /**
     * Stores the will of a client that connects; one that it had is forgotten.
     *
     * @param owner the user that it is published for; empty while security is off
     * @param message what it says, opaque here
     */
    public void store(
            String clientId, String owner, long delaySeconds, ByteBuffer message, Lane lane, Reply<StoredWill> reply) {
        committer.control(List.of(WillsView.stored(clientId, owner, delaySeconds, message)), lane, reply, results ->
                (StoredWill) results[0]);
    }

    /** The connection is over: the will is due at a time in ms since the epoch. Nobody waits for it. */
    public void due(StoredWill will, long at) {
        committer.<Done>control(
                List.of(WillsView.due(will.clientId(), will.id(), at)), Lane.direct(), ignored(), results -> Done.DONE);
    }

    /** The will is not to be published any more. Nobody waits for it. */
    public void discard(StoredWill will) {
        committer.<Done>control(
                List.of(WillsView.ended(will.clientId(), will.id())), Lane.direct(), ignored(), results -> Done.DONE);
    }

    /** What goes into the entry of the published will, so that it is published once over a crash. */
    public Settlement published(StoredWill will) {
        return new Settlement(List.of(WillsView.ended(will.clientId(), will.id())), () -> {}, () -> {});
    }

    private static Reply<Done> ignored() {
        // Refused means that the broker is closing: the will is published after the next start.
        return Reply.of(done -> {}, refused -> {});
    }
}
