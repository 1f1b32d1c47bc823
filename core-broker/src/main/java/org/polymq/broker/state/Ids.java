/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Numbers of topics, filter queues and subscriptions: given at apply, in log order, and never reused. */
public final class Ids implements View {
    private int last;

    /** The next number, from 1. Called from apply only. */
    public int next() {
        last = Math.incrementExact(last);
        return last;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeInt(last);
    }

    @Override
    public void load(DataInput in) throws IOException {
        last = in.readInt();
    }
}
