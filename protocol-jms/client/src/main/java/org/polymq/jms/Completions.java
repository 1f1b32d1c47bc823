/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame;

/** The asynchronous sends of a session: their listeners are called in the order of the sends. Safe from any thread. */
final class Completions {
    private final Callbacks callbacks;
    private final long patienceMillis;
    private final Deque<Sent> sends = new ArrayDeque<>(); // guarded by this
    private boolean running; // guarded by this

    /** Of one session; waits for answers as long as for other requests, 0 for ever. */
    Completions(Callbacks callbacks, long patienceMillis) {
        this.callbacks = callbacks;
        this.patienceMillis = patienceMillis;
    }

    /** One send that waits for its answer. */
    final class Sent implements Link.ReplyHandler {
        private final Message message;
        private final CompletionListener listener;
        private boolean answered; // guarded by Completions.this
        private @Nullable JMSException failure; // guarded by Completions.this

        private Sent(Message message, CompletionListener listener) {
            this.message = message;
            this.listener = listener;
        }

        @Override
        public boolean isAbandoned() {
            synchronized (Completions.this) {
                return answered;
            }
        }

        @Override
        public void replied(Frame reply) {
            answer(this, null);
        }

        @Override
        public void failed(JMSException reason) {
            answer(this, reason);
        }
    }

    /** Notes a send about to be made. */
    synchronized Sent begin(Message message, CompletionListener listener) {
        Sent sent = new Sent(message, listener);
        sends.add(sent);
        return sent;
    }

    /** Forgets a send that was not made. */
    synchronized void cancel(Sent sent) {
        sends.remove(sent);
        notifyAll();
    }

    private void answer(Sent sent, @Nullable JMSException failure) {
        synchronized (this) {
            if (sent.answered) {
                return; // it was given up
            }
            sent.answered = true;
            sent.failure = failure;
        }
        callbacks.run(this::tellAnswered);
    }

    private void tellAnswered() {
        while (true) {
            Sent sent;
            synchronized (this) {
                sent = sends.peek();
                if (sent == null || !sent.answered) {
                    return;
                }
                running = true;
            }
            try {
                tell(sent);
            } finally {
                synchronized (this) {
                    sends.remove(sent);
                    running = false;
                    notifyAll();
                }
            }
        }
    }

    private static void tell(Sent sent) {
        JMSException failure = sent.failure;
        if (failure == null) {
            sent.listener.onCompletion(sent.message);
        } else {
            sent.listener.onException(sent.message, failure);
        }
    }

    /** Whether the current thread is in a listener of this session. */
    synchronized boolean isCurrentThread() {
        return running && callbacks.isCurrentThread();
    }

    /**
     * Waits until every listener was called: of sends that get no answer, that it is unknown whether they were done.
     */
    synchronized void await() throws JMSException {
        int left = sends.size();
        long since = System.nanoTime();
        while (!sends.isEmpty()) {
            long rest = patienceMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
            if (patienceMillis > 0 && rest <= 0) {
                giveUp();
                rest = patienceMillis;
                since = System.nanoTime();
            }
            try {
                wait(patienceMillis > 0 ? rest : 0);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Errors.chained("interrupted while asynchronous sends are not complete", e);
            }
            if (sends.size() != left) {
                left = sends.size();
                since = System.nanoTime();
            }
        }
    }

    /** Under the lock. */
    private void giveUp() {
        for (Sent each : sends) {
            if (!each.answered) {
                each.answered = true;
                each.failure = Errors.unanswered(patienceMillis, new TimeoutException());
            }
        }
        callbacks.run(this::tellAnswered);
    }
}
