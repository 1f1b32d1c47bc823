/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.polymq.bridge.remote.Inbound;
import org.polymq.bridge.remote.Outbound;
import org.polymq.bridge.remote.Receiver;
import org.polymq.bridge.remote.RefusedException;
import org.polymq.bridge.remote.Remote;
import org.polymq.bridge.remote.RemoteDownException;
import org.polymq.bridge.remote.Sender;

/** A broker elsewhere that fails and refuses as a test likes. Safe from any thread. */
final class FakeRemote implements Remote {
    final List<Outbound> sent = new CopyOnWriteArrayList<>();
    final BlockingQueue<Inbound> toReceive = new LinkedBlockingQueue<>();
    final AtomicInteger acknowledged = new AtomicInteger();
    /** How many more sends fail, each after the first message of its batch was taken. */
    final AtomicInteger failures = new AtomicInteger();

    volatile Predicate<Outbound> refused = outbound -> false;

    @Override
    public Sender openSender(String link) {
        return new Sender() {
            @Override
            public void send(List<Outbound> batch) throws RefusedException, RemoteDownException {
                for (int i = 0; i < batch.size(); i++) {
                    if (refused.test(batch.get(i))) {
                        throw RefusedException.at(i, "not here");
                    }
                    sent.add(batch.get(i));
                    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new RemoteDownException("gone in the middle");
                    }
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Receiver openReceiver(String link, String source) {
        return new Receiver() {
            private final List<Inbound> received = new ArrayList<>();

            @Override
            public List<Inbound> receive(int most, Duration wait) throws InterruptedException {
                Inbound first = toReceive.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
                if (first == null) {
                    return List.of();
                }
                received.add(first);
                return List.of(first);
            }

            @Override
            public void acknowledge() {
                acknowledged.addAndGet(received.size());
                received.clear();
            }

            @Override
            public void close() {}
        };
    }
}
