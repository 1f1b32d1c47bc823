/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the messages of a queue: each enumeration shows what is there when it begins, those included that other
 * consumers have prefetched and not acknowledged.
 */
final class PolyMQBrowser implements QueueBrowser {
    private final PolyMQSession session;
    private final Queue queue;
    private final @Nullable String selector;
    private final List<PolyMQConsumer> open = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    PolyMQBrowser(PolyMQSession session, Queue queue, @Nullable String selector) {
        this.session = session;
        this.queue = queue;
        this.selector = selector == null || selector.isBlank() ? null : selector;
    }

    /** Throws what an enumeration would throw: for a selector that does not parse, or a topic of that name. */
    void check() throws JMSException {
        session.browse(queue, selector).close();
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the browser is closed");
        }
        session.checkOpen();
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return queue;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        checkOpen();
        return selector;
    }

    @Override
    public Enumeration<Message> getEnumeration() throws JMSException {
        checkOpen();
        PolyMQConsumer consumer = session.browse(queue, selector);
        open.add(consumer);
        return new Messages(consumer);
    }

    @Override
    public void close() throws JMSException {
        closed = true;
        for (PolyMQConsumer consumer : open) {
            end(consumer);
        }
    }

    private void end(PolyMQConsumer consumer) throws JMSException {
        if (open.remove(consumer)) {
            consumer.close();
        }
    }

    /** Used by one thread, like its session. */
    @SuppressWarnings("JdkObsolete") // Jakarta Messaging asks for it.
    private final class Messages implements Enumeration<Message> {
        private final PolyMQConsumer consumer;
        private @Nullable Message next;
        private boolean ended;

        Messages(PolyMQConsumer consumer) {
            this.consumer = consumer;
        }

        @Override
        public boolean hasMoreElements() {
            if (next == null && !ended) {
                next = Errors.uncheckedOrNull(() -> closed ? null : consumer.receiveNoWait());
                if (next == null) {
                    ended = true;
                    Errors.unchecked(() -> end(consumer));
                }
            }
            return next != null;
        }

        @Override
        public Message nextElement() {
            if (!hasMoreElements() || next == null) {
                throw new NoSuchElementException("the queue has no more messages");
            }
            Message message = next;
            next = null;
            return message;
        }
    }
}
