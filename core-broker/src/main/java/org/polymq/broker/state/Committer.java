/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.storage.Log;
import org.polymq.storage.StorageException;

/**
 * The one way into the log. Replies run on the caller's lane, after the records are applied and as durable as asked.
 */
public final class Committer {
    private final Log log;

    public Committer(Log log) {
        this.log = log;
    }

    /** Commits facts about messages: they may use the reserve when the disk is full. */
    public <T> void control(List<ByteBuffer> records, Lane lane, Reply<T> reply, Function<Object[], T> result) {
        log.append(new Proposal<>(records, false, true, lane, reply, result));
    }

    /** Commits records of which at least one is a message. */
    public <T> void messages(
            List<ByteBuffer> records, boolean sync, Lane lane, Reply<T> reply, Function<Object[], T> result) {
        log.append(new Proposal<>(records, sync, false, lane, reply, result));
    }

    static BrokerException translate(StorageException e) {
        Reason reason = switch (e.reason()) {
            case DISK_FULL -> Reason.DISK_FULL;
            case TOO_LARGE -> Reason.MESSAGE_TOO_LARGE;
            case CLOSED -> Reason.CLOSED;
            case FAILED, UNDECIDED -> Reason.OUTCOME_UNKNOWN;
            case CORRUPT, NOT_LEADING, BUSY -> Reason.UNAVAILABLE;
        };
        return new BrokerException(reason, String.valueOf(e.getMessage()), e);
    }
}
