/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Notes what is applied for the first time in a history. */
final class Recording implements StateMachine {
    private final TestMachine machine;
    private final History history;
    private @Nullable Log log;

    Recording(TestMachine machine, History history) {
        this.machine = machine;
        this.history = history;
    }

    @Override
    public void attach(Log attached) {
        log = attached;
        machine.attach(attached);
    }

    @Override
    public void apply(long position, long storeTime, ByteBuffer record, @Nullable AppendRequest origin, int index) {
        Log attached = log;
        if (attached != null && machine.count() == history.size()) {
            history.add(position, attached.newestSegment(), storeTime, record, origin);
        }
        machine.apply(position, storeTime, record, origin, index);
    }

    @Override
    public void entryApplied() {
        machine.entryApplied();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        machine.save(out);
    }

    @Override
    public void load(DataInput in) throws IOException {
        machine.load(in);
    }
}
