/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.xa;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.MessageRecord;
import org.polymq.broker.publish.Stored;
import org.polymq.broker.state.ControlRecord;
import org.polymq.broker.state.Keeper;
import org.polymq.broker.state.RecordType;
import org.polymq.broker.state.View;
import org.polymq.broker.subscription.AcknowledgedRange;
import org.polymq.broker.subscription.SubscriptionsView;
import org.polymq.broker.xa.PreparedBranch.State;

/**
 * Prepared branches. What they acknowledge is locked in its subscriptions: neither done nor delivered. Changed by
 * apply; reads are safe from any thread.
 */
public final class XaView implements View, Keeper {
    private static final State[] STATES = State.values();

    private final SubscriptionsView subscriptions;
    private final LongConsumer dropBody;
    private final Map<BranchId, PreparedBranch> branches = new ConcurrentHashMap<>();
    /** Log positions of the messages of all branches. */
    private final ConcurrentSkipListSet<Long> positions = new ConcurrentSkipListSet<>();
    /** Messages whose branch is not prepared yet, by the branch's number; within one entry only. */
    private final Map<Long, List<Long>> staged = new HashMap<>();

    /** @param dropBody told the log position of each message that will not be stored after all */
    public XaView(SubscriptionsView subscriptions, LongConsumer dropBody) {
        this.subscriptions = subscriptions;
        this.dropBody = dropBody;
    }

    static ByteBuffer prepared(
            BranchId id, long number, String owner, int messages, Collection<AcknowledgedRange> acknowledged) {
        return ControlRecord.of(RecordType.XA_PREPARED, out -> {
            id.write(out);
            out.writeLong(number);
            ControlRecord.writeText(out, owner);
            out.writeInt(messages);
            writeAcknowledged(out, acknowledged);
        });
    }

    /** @param lasting whether the branch stays, ended, until it is forgotten: an administrator decided */
    static ByteBuffer ended(PreparedBranch branch, State how, boolean lasting) {
        return ControlRecord.of(RecordType.XA_ENDED, out -> {
            branch.id().write(out);
            out.writeLong(branch.number());
            out.writeByte(code(how));
            out.writeBoolean(lasting);
        });
    }

    static ByteBuffer forgotten(PreparedBranch branch) {
        return ControlRecord.of(RecordType.XA_FORGOTTEN, out -> {
            branch.id().write(out);
            out.writeLong(branch.number());
        });
    }

    @SuppressWarnings("EnumOrdinal") // the order is the byte in the log, as the enum says
    private static int code(State state) {
        return state.ordinal();
    }

    @Nullable
    PreparedBranch get(BranchId id) {
        return branches.get(id);
    }

    Collection<PreparedBranch> all() {
        return Collections.unmodifiableCollection(branches.values());
    }

    /** How many wait for a decision or to be forgotten. */
    public int size() {
        return branches.size();
    }

    /** The messages of prepared branches. */
    @Override
    public void needs(long start, long end, LongConsumer into) {
        positions.subSet(start, end).forEach(into::accept);
    }

    /** Applies a message of a branch that is prepared behind it in the same entry. */
    public Object applyMessage(long position, long storeTime, ByteBuffer record) {
        staged.computeIfAbsent(XaRecord.number(record), number -> new ArrayList<>())
                .add(position);
        return new Stored(position, MessageRecord.queueId(XaRecord.message(record)), 0, storeTime);
    }

    /** Applies a prepare: true, or why not; then its messages are dead. */
    public Object applyPrepared(DataInput in, long storeTime) throws IOException {
        BranchId id = BranchId.read(in);
        long number = in.readLong();
        String owner = ControlRecord.readText(in);
        int count = in.readInt();
        List<AcknowledgedRange> acknowledged = readAcknowledged(in);
        List<Long> messages = staged.getOrDefault(number, List.of());
        staged.clear();
        if (branches.containsKey(id)) {
            return new BrokerException(Reason.ALREADY_EXISTS, "branch " + id + " is prepared already");
        }
        if (messages.size() != count) {
            return new BrokerException(
                    Reason.TOPIC_NOT_FOUND, "a destination was deleted while branch " + id + " was prepared");
        }
        for (AcknowledgedRange each : acknowledged) {
            if (!subscriptions.mayLock(each)) {
                return new BrokerException(
                        Reason.TRANSACTION_NOT_FOUND,
                        "a message that branch " + id + " acknowledges was acknowledged by another");
            }
        }
        put(new PreparedBranch(id, number, owner, storeTime, State.PREPARED, messages, acknowledged));
        return true;
    }

    private void put(PreparedBranch branch) {
        branches.put(branch.id(), branch);
        positions.addAll(branch.messages());
        for (AcknowledgedRange each : branch.acknowledged()) {
            subscriptions.lock(each);
        }
    }

    /** Applies the end of a branch: the branch as it was, or why not. */
    public Object applyEnded(DataInput in, long storeTime) throws IOException {
        BranchId id = BranchId.read(in);
        long number = in.readLong();
        State how = STATES[in.readByte()];
        boolean lasting = in.readBoolean();
        PreparedBranch branch = branches.get(id);
        if (branch == null || branch.number() != number || branch.state() != State.PREPARED) {
            return new BrokerException(Reason.TRANSACTION_NOT_FOUND, "branch " + id + " has ended");
        }
        for (long position : branch.messages()) {
            positions.remove(position);
            if (how == State.ROLLED_BACK) {
                dropBody.accept(position);
            }
        }
        for (AcknowledgedRange each : branch.acknowledged()) {
            subscriptions.unlock(each, how == State.COMMITTED);
        }
        if (lasting) {
            branches.put(id, branch.ended(how, storeTime));
        } else {
            branches.remove(id);
        }
        return branch;
    }

    /** Applies that the transaction manager knows how an administrator ended a branch. */
    public Object applyForgotten(DataInput in) throws IOException {
        BranchId id = BranchId.read(in);
        long number = in.readLong();
        PreparedBranch branch = branches.get(id);
        if (branch == null || branch.number() != number || branch.state() == State.PREPARED) {
            return new BrokerException(
                    Reason.TRANSACTION_NOT_FOUND, "no administrator has ended branch " + id + ", or it is forgotten");
        }
        branches.remove(id);
        return true;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(branches.size());
        for (PreparedBranch branch : branches.values()) {
            branch.id().write(out);
            out.writeLong(branch.number());
            ControlRecord.writeText(out, branch.owner());
            out.writeLong(branch.since());
            out.writeByte(code(branch.state()));
            out.writeInt(branch.messages().size());
            for (long position : branch.messages()) {
                out.writeLong(position);
            }
            writeAcknowledged(out, branch.acknowledged());
        }
    }

    /** Locks again what the branches acknowledge; the subscriptions have to be loaded before. */
    @Override
    public void load(DataInput in) throws IOException {
        branches.clear();
        positions.clear();
        staged.clear();
        for (int n = in.readInt(); n > 0; n--) {
            BranchId id = BranchId.read(in);
            long number = in.readLong();
            String owner = ControlRecord.readText(in);
            long since = in.readLong();
            State state = STATES[in.readByte()];
            List<Long> messages = new ArrayList<>();
            for (int m = in.readInt(); m > 0; m--) {
                messages.add(in.readLong());
            }
            put(new PreparedBranch(id, number, owner, since, state, messages, readAcknowledged(in)));
        }
    }

    private static void writeAcknowledged(DataOutput out, Collection<AcknowledgedRange> acknowledged)
            throws IOException {
        out.writeInt(acknowledged.size());
        for (AcknowledgedRange each : acknowledged) {
            each.write(out);
        }
    }

    private static List<AcknowledgedRange> readAcknowledged(DataInput in) throws IOException {
        List<AcknowledgedRange> acknowledged = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            acknowledged.add(AcknowledgedRange.read(in));
        }
        return acknowledged;
    }
}
