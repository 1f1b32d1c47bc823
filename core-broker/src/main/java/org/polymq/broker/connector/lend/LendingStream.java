/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import io.netty.channel.Channel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The end of a stream that lends: to the leader of another group, of one connector's tasks. */
final class LendingStream extends LendChannel {
    private final LendingProtocol lendings;
    private final Map<Long, Loan> loans = new ConcurrentHashMap<>();
    private volatile @Nullable Channel channel;
    private volatile @Nullable Lending lending;
    /** Guarded by this. */
    private boolean closed;

    private long begun;

    LendingStream(LendingProtocol lendings) {
        this.lendings = lendings;
    }

    @Override
    void heard(Channel from, LendFrame frame) {
        if (frame instanceof LendFrame.Hello hello) {
            channel = from;
            Lending wanted = lendings.find(hello.connector());
            lending = wanted;
            if (wanted == null || !wanted.attach(this, hello.slot())) {
                from.close(); // it asks again
            }
        } else if (frame instanceof LendFrame.Store store) {
            Loan loan = loans.get(store.loan());
            if (loan == null) {
                say(from, new LendFrame.Refused(store.request(), Loan.notLent()));
            } else {
                loan.store(store);
            }
        } else if (frame instanceof LendFrame.Ended ended) {
            Loan loan = loans.remove(ended.loan());
            if (loan != null) {
                loan.close();
            }
        } else {
            throw new IllegalArgumentException(
                    "who borrows tasks does not say " + frame.getClass().getSimpleName());
        }
    }

    /** Lends a task; empty if the stream is over. */
    synchronized Optional<Loan> begin(int task, int tasks, Map<String, String> properties, LentSource source) {
        Channel to = channel;
        if (closed || to == null) {
            return Optional.empty();
        }
        Loan loan = new Loan(begun++, to, source);
        loans.put(loan.number(), loan);
        say(to, new LendFrame.Begin(loan.number(), task, tasks, source.config(), properties, source.positions()));
        return Optional.of(loan);
    }

    @Override
    void over() {
        synchronized (this) {
            closed = true;
        }
        loans.values().forEach(Loan::close);
        Lending of = lending;
        if (of != null) {
            of.detach(this);
        }
    }

    void close() {
        Channel open = channel;
        if (open != null) {
            open.close();
        }
        over(); // not when the channel gets to it: nothing is stored from here on
    }
}
