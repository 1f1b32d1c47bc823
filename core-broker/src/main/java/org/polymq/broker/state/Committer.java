/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.follow.MessageFollowers;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.publish.Stored;
import org.polymq.storage.Log;
import org.polymq.storage.StorageException;

/**
 * The one way into the log. Replies run on the caller's lane, after the records are applied and as durable as asked.
 */
public final class Committer {
    private final Log log;
    private final MessageFollowers followers;
    /** Tells whether the flight recorder wants to know of slow requests; never begun itself. */
    private final CommitEvent recorder = new CommitEvent();

    public Committer(Log log, MessageFollowers followers) {
        this.log = log;
        this.followers = followers;
    }

    /** Commits facts about messages: they may use the reserve when the disk is full. */
    public <T> void control(List<ByteBuffer> records, Lane lane, Reply<T> reply, Function<Object[], T> result) {
        log.append(new Proposal<>(records, false, true, lane, reply, timed(records, true, result)));
    }

    /** Commits records of which at least one is a message. */
    public <T> void messages(
            List<ByteBuffer> records, boolean sync, Lane lane, Reply<T> reply, Function<Object[], T> result) {
        if (followers.any()) {
            List<Followed> followed = followed(records);
            Instant started = Instant.now();
            log.append(new Proposal<>(records, sync, false, lane, reply, timed(records, false, results -> {
                published(followed, results, started);
                return result.apply(results);
            })));
            return;
        }
        log.append(new Proposal<>(records, sync, false, lane, reply, timed(records, false, result)));
    }

    /** The same function, and the flight recorder is told if it was long until it was called. */
    private <T> Function<Object[], T> timed(List<ByteBuffer> records, boolean control, Function<Object[], T> result) {
        if (!recorder.isEnabled()) {
            return result;
        }
        CommitEvent event = new CommitEvent();
        event.begin();
        return results -> {
            event.end();
            if (event.shouldCommit()) {
                event.records = records.size();
                event.control = control;
                event.commit();
            }
            return result.apply(results);
        };
    }

    /**
     * Answers once everything that was appended here before is applied or refused, and in a group it is certain that no
     * other node has led since: what is not there now was not stored before. Fails as any other request to the log
     * does.
     */
    public void confirm(Lane lane, Reply<Done> reply) {
        log.append(new Proposal<>(List.of(), false, true, lane, reply, none -> Done.DONE));
    }

    /** A message among records. */
    private record Followed(int index, Message message) {}

    // Before they are appended: whoever encoded them may use the memory again afterwards.
    private static List<Followed> followed(List<ByteBuffer> records) {
        List<Followed> followed = new ArrayList<>(records.size());
        for (int i = 0; i < records.size(); i++) {
            if (MessageRecord.type(records.get(i)) == MessageRecord.TYPE) {
                followed.add(new Followed(i, new StoredMessage(records.get(i).duplicate(), 0, 0).toHeaders()));
            }
        }
        return followed;
    }

    private void published(List<Followed> followed, Object[] results, Instant started) {
        for (Followed one : followed) {
            if (results[one.index()] instanceof Stored stored && stored.isStored()) {
                followers.published(one.message(), stored.position(), started);
            }
        }
    }

    static BrokerException translate(StorageException e) {
        Reason reason = switch (e.reason()) {
            case DISK_FULL -> Reason.DISK_FULL;
            case TOO_LARGE -> Reason.MESSAGE_TOO_LARGE;
            case CLOSED -> Reason.CLOSED;
            case FAILED -> Reason.OUTCOME_UNKNOWN;
            case UNDECIDED -> Reason.LEAD_LOST;
            case NOT_LEADING -> Reason.NOT_LEADING;
            case CORRUPT, BUSY -> Reason.UNAVAILABLE;
        };
        return new BrokerException(reason, String.valueOf(e.getMessage()), e);
    }
}
