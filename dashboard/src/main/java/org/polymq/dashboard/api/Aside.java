/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.function.Supplier;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.state.ColdReads;

/** Does what may wait for the disk, or takes long, on the threads for that and not on the connection's event loop. */
record Aside(ColdReads threads) {
    /** Answers with what the work gives, or with its refusal. */
    void run(Call call, Reply<Object> reply, Supplier<Object> work) {
        threads.execute(() -> {
            try {
                Object answer = work.get();
                call.lane().execute(() -> reply.ok(answer));
            } catch (BrokerException refused) {
                call.lane().execute(() -> reply.failed(refused));
            } catch (RuntimeException e) {
                BrokerException failed = new BrokerException(
                        Reason.INTERNAL,
                        "the broker failed while it read: " + e.getClass().getSimpleName(),
                        e);
                call.lane().execute(() -> reply.failed(failed));
            }
        });
    }
}
