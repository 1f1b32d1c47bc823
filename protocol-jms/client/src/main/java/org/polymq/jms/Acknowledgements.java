/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame.Outcome;
import org.polymq.jms.wire.Frame.Settle;
import org.polymq.jms.wire.Frame.TagRange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's acknowledgements that nobody waits for: those that come before the event loop gets to the first of them
 * go in one frame. They keep their place before what is written after them. Safe from any thread.
 */
final class Acknowledgements {
    private static final Logger LOG = LoggerFactory.getLogger(Acknowledgements.class);

    private final int sessionId;
    // Guarded by this.
    private List<TagRange> gathered = new ArrayList<>();
    /** The network connection whose deliveries these are; null while nothing is gathered. */
    private @Nullable Link link;

    Acknowledgements(int sessionId) {
        this.sessionId = sessionId;
    }

    /** Adds one for the deliveries of a network connection. */
    synchronized void add(TagRange range, Link current) {
        if (link != current) {
            gathered = new ArrayList<>(); // What a connection that broke had delivered has gone back.
            link = current;
            current.execute(() -> send(current));
        }
        int last = gathered.size() - 1;
        if (last >= 0 && follows(gathered.get(last), range)) {
            TagRange before = gathered.get(last);
            gathered.set(last, new TagRange(range.consumerId(), before.first(), range.last()));
        } else {
            gathered.add(range);
        }
    }

    private static boolean follows(TagRange before, TagRange range) {
        return before.consumerId() == range.consumerId() && before.last() + 1 == range.first();
    }

    private void send(Link to) {
        List<TagRange> ranges;
        synchronized (this) {
            if (link != to) {
                return;
            }
            ranges = gathered;
            gathered = new ArrayList<>();
            link = null;
        }
        try {
            to.tell(new Settle(sessionId, Outcome.ACCEPTED, ranges));
        } catch (JMSException e) {
            LOG.debug("not acknowledged: the connection broke, and the messages come again", e);
        }
    }
}
