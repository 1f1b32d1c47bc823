/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway.cluster;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.Failed;
import org.polymq.jms.wire.Frame.Ok;

/**
 * Gathers the answers of several groups to one request, and answers once all are there: {@link Ok}, or the first
 * refusal. Confined to the client's event loop.
 */
final class Answers implements Consumer<Frame> {
    private final Consumer<Frame> whole;
    private int open;
    private @Nullable Failed refusal;

    /** @param groups how many answers there will be; with none it is answered at once */
    Answers(int groups, Consumer<Frame> whole) {
        this.open = groups;
        this.whole = whole;
        if (groups == 0) {
            whole.accept(new Ok());
        }
    }

    @Override
    public void accept(Frame answer) {
        if (answer instanceof Failed failed && refusal == null) {
            refusal = failed;
        }
        open--;
        if (open == 0) {
            whole.accept(refusal == null ? new Ok() : refusal);
        }
    }
}
