/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.channel.EventLoopGroup;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.CloseConsumer;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.Connect;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.DeleteTemporary;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Find;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Ok;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.OpenSession;
import org.polymq.jms.wire.Frame.Pull;
import org.polymq.jms.wire.Frame.Recover;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.SetClientId;
import org.polymq.jms.wire.Frame.Unsubscribe;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JMS connection's way to a broker: one network connection after the other. While there is none, requests wait. After
 * a break those that may be repeated are; acknowledgements and commits are not: they fail with {@link BrokenException}.
 * Safe from any thread.
 */
final class Line {
    private static final Logger LOG = LoggerFactory.getLogger(Line.class);

    /** What a line tells its connection. */
    interface Owner {
        /** On the event loop, which must not be held up. */
        void delivered(Deliver delivery);

        /** On the event loop. */
        void consumerClosed(ConsumerClosed closed);

        /** A request that wanted no reply was refused; on the event loop. */
        void refused(JMSException reason);

        /** The network connection is gone, and another one is looked for; on the event loop. */
        void broken(JMSException reason);

        /**
         * Opens again what was open, on a new network connection; what was not answered is repeated after it.
         *
         * @throws JMSException to try once more with another network connection
         */
        void resume(Link link) throws JMSException;

        /** What the broker may deliver on the new network connection; told as it comes into use. */
        List<Flow> flows();

        /** Requests go on. */
        void resumed();

        /** No network connection any more; told once, and not after {@link Line#close}. */
        void lost(JMSException reason);
    }

    /** A request that was not answered when the network connection broke. */
    record Unanswered(Frame frame, Link.ReplyHandler handler) {}

    private final ClientOptions options;
    private final EventLoopGroup group;
    private final Supplier<Connect> hello;
    private final Owner owner;
    // All guarded by this.
    private @Nullable Link link;
    private @Nullable JMSException broken;
    private @Nullable JMSException lost;
    private boolean closed;
    /** To be repeated; touched by the reconnecting thread alone while there is no link. */
    private List<Unanswered> waiting = new ArrayList<>();
    /** The same for what asks for deliveries: they come once the new network connection is in use. */
    private List<Unanswered> pulls = new ArrayList<>();

    private Line(ClientOptions options, EventLoopGroup group, Supplier<Connect> hello, Owner owner) {
        this.options = options;
        this.group = group;
        this.hello = hello;
        this.owner = owner;
    }

    /**
     * Connects for the first time.
     *
     * @param hello the first frame of each network connection
     */
    static Line open(ClientOptions options, EventLoopGroup group, Supplier<Connect> hello, Owner owner)
            throws JMSException {
        Line line = new Line(options, group, hello, owner);
        Reconnection rules = options.reconnection();
        for (int made = 0; ; made++) {
            try {
                Link opened = Link.open(options, group, hello.get(), line.new Receiver());
                synchronized (line) {
                    line.link = opened;
                }
                if (opened.isLost()) {
                    throw new JMSException("the broker closed the connection");
                }
                return line;
            } catch (JMSException e) {
                if (isFinal(e) || !Reconnection.goesOn(rules.initialAttempts(), made + 1)) {
                    throw e;
                }
                pause(rules.pauseBefore(made + 1));
            }
        }
    }

    private static boolean isFinal(JMSException e) {
        return e instanceof JMSSecurityException;
    }

    private static void pause(long millis) throws JMSException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Errors.chained("interrupted while connecting", e);
        }
    }

    // ---- requests

    /**
     * Sends a request and waits for its reply.
     *
     * @throws JMSException if the broker refuses, does not answer in time, or is gone
     */
    void request(Frame frame) throws JMSException {
        ask(frame);
    }

    /** The same; the task runs when the request was done, before a break after it can be noticed. */
    void request(Frame frame, Runnable whenDone) throws JMSException {
        Link.Waiter waiter = new Link.Waiter() {
            @Override
            void succeeded() {
                whenDone.run();
            }
        };
        request(frame, waiter);
        waiter.await(options.requestTimeout());
    }

    /** The same, and answers the reply. */
    Frame ask(Frame frame) throws JMSException {
        Link.Waiter waiter = new Link.PlainWaiter();
        request(frame, waiter);
        return waiter.await(options.requestTimeout());
    }

    /** Sends a request; the reply goes to the handler. */
    void request(Frame frame, Link.ReplyHandler handler) throws JMSException {
        while (true) {
            Link current = awaitLink();
            try {
                current.request(frame, handler);
                return;
            } catch (BrokenException e) {
                LOG.debug("not sent, waits for the next connection", e);
            }
        }
    }

    /** Sends a request that means something on this network connection only; fails at once while there is none. */
    void requestNow(Frame frame) throws JMSException {
        Link.Waiter waiter = new Link.PlainWaiter();
        now().request(frame, waiter);
        waiter.await(options.requestTimeout());
    }

    /** Sends a frame that wants no reply. */
    void tell(Frame frame) throws JMSException {
        while (true) {
            Link current = awaitLink();
            try {
                current.tell(frame);
                return;
            } catch (BrokenException e) {
                LOG.debug("not sent, waits for the next connection", e);
            }
        }
    }

    /** Sends a frame that means something on this network connection only; while there is none it is not needed. */
    void tellNow(Frame frame) throws JMSException {
        Link current = current();
        if (current != null) {
            try {
                current.tell(frame);
            } catch (BrokenException e) {
                LOG.debug("not sent, and not needed after the break", e);
            }
        }
    }

    /** The network connection there is, or null. */
    synchronized @Nullable Link current() {
        return link;
    }

    /**
     * The network connection there is, for frames that belong together.
     *
     * @throws BrokenException if there is none
     */
    synchronized Link now() throws JMSException {
        Link current = link;
        if (current == null) {
            throw new BrokenException(whyNone());
        }
        return current;
    }

    private JMSException whyNone() {
        return lost != null ? lost : broken != null ? broken : new JMSException("the connection is closed");
    }

    private synchronized Link awaitLink() throws JMSException {
        long limit = options.requestTimeout();
        long end = System.nanoTime() + limit * 1_000_000;
        while (link == null || closed) {
            if (lost != null) {
                throw Errors.again(lost);
            }
            if (closed) {
                throw new jakarta.jms.IllegalStateException("the connection is closed");
            }
            long left = limit == 0 ? 0 : (end - System.nanoTime()) / 1_000_000;
            if (limit != 0 && left <= 0) {
                JMSException late = new JMSException(
                        "no broker for " + limit + " ms: " + whyNone().getMessage(), BrokenException.CODE);
                late.initCause(whyNone());
                throw late;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Errors.chained("interrupted while there is no connection to a broker", e);
            }
        }
        return link;
    }

    /** Whether there is a network connection now. */
    synchronized boolean isConnected() {
        Link current = link;
        return current != null && !current.isLost();
    }

    /** Ends the network connection as if the network had failed. */
    void fail(JMSException reason) {
        Link current;
        synchronized (this) {
            current = link;
        }
        if (current != null) {
            current.fail(reason);
        }
    }

    /** Ends it for good; pending requests fail. */
    void close() {
        Link current;
        List<Unanswered> left;
        synchronized (this) {
            closed = true;
            current = link;
            left = current == null ? unanswered() : List.of();
            notifyAll();
        }
        if (current != null) {
            current.close();
        }
        left.forEach(each -> each.handler().failed(new JMSException("the connection is closed")));
    }

    // ---- breaks

    private final class Receiver implements Link.Listener {
        @Override
        public void delivered(Deliver delivery) {
            owner.delivered(delivery);
        }

        @Override
        public void consumerClosed(ConsumerClosed frame) {
            owner.consumerClosed(frame);
        }

        @Override
        public void refused(JMSException reason) {
            owner.refused(reason);
        }

        @Override
        public void lost(Link gone, JMSException reason, List<Unanswered> unanswered) {
            Line.this.lost(gone, reason, unanswered);
        }
    }

    /**
     * What becomes of the requests that were not answered.
     *
     * @param done the broker let go of what they close
     */
    private record Sorted(
            List<Unanswered> repeated, List<Unanswered> pulls, List<Unanswered> done, List<Unanswered> failed) {}

    private void lost(Link gone, JMSException reason, List<Unanswered> unanswered) {
        boolean used;
        boolean goesOn;
        Sorted sorted = sort(unanswered);
        synchronized (this) {
            used = link == gone;
            goesOn = used && !closed && options.reconnection().attempts() != 0;
            if (used) {
                link = null;
                broken = reason;
                waiting = new ArrayList<>(sorted.repeated());
                pulls.addAll(sorted.pulls());
                if (!goesOn) {
                    lost = reason;
                }
                notifyAll();
            }
        }
        if (goesOn) {
            owner.broken(reason);
            sorted.done().forEach(each -> each.handler().replied(new Ok()));
            sorted.failed().forEach(each -> each.handler().failed(new BrokenException(reason)));
            Thread thread = new Thread(() -> reconnect(reason), "polymq-jms-reconnect");
            thread.setDaemon(true);
            thread.start();
        } else {
            unanswered.forEach(each -> each.handler().failed(new BrokenException(reason)));
            if (used) {
                tellLost(reason);
            }
        }
    }

    private void tellLost(JMSException reason) {
        boolean told;
        synchronized (this) {
            told = closed;
        }
        if (!told) {
            owner.lost(reason);
        }
    }

    private static Sorted sort(List<Unanswered> unanswered) {
        Sorted sorted = new Sorted(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Unanswered each : unanswered) {
            Frame frame = each.frame();
            if (frame instanceof Send send) {
                Send again = new Send(send.sessionId(), send.message(), true);
                sorted.repeated().add(new Unanswered(again, each.handler()));
            } else if (frame instanceof Pull) {
                sorted.pulls().add(each);
            } else if (isRepeatable(frame)) {
                sorted.repeated().add(each);
            } else if (frame instanceof CloseSession
                    || frame instanceof CloseConsumer
                    || frame instanceof Recover
                    || frame instanceof Disconnect) {
                sorted.done().add(each);
            } else {
                sorted.failed().add(each);
            }
        }
        return sorted;
    }

    private static boolean isRepeatable(Frame frame) {
        return frame instanceof OpenSession
                || frame instanceof OpenConsumer
                || frame instanceof CreateTemporary
                || frame instanceof DeleteTemporary
                || frame instanceof Unsubscribe
                || frame instanceof SetClientId
                || frame instanceof Find;
    }

    private void reconnect(JMSException reason) {
        Reconnection rules = options.reconnection();
        LOG.warn("JMS connection broken, connecting again: {}", reason.getMessage());
        JMSException last = reason;
        for (int made = 0; Reconnection.goesOn(rules.attempts(), made); made++) {
            Link next = null;
            try {
                pause(rules.pauseBefore(made));
                if (isClosed()) {
                    return;
                }
                next = Link.open(options, group, hello.get(), new Receiver());
                owner.resume(next);
                repeat(next);
                if (use(next, owner.flows())) {
                    owner.resumed();
                    pull();
                    return;
                }
            } catch (JMSException e) {
                last = e;
                LOG.debug("not connected again", e);
                if (isFinal(e)) {
                    break;
                }
            } catch (RuntimeException e) { // the top of the thread
                LOG.error("connecting again failed", e);
                last = Errors.chained("connecting again failed", e);
            }
            if (next != null) {
                next.close();
            }
        }
        giveUp(last);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** In the order in which they were made, one at a time, so that messages keep their order. */
    private void repeat(Link next) throws JMSException {
        while (!waiting.isEmpty()) {
            Unanswered first = waiting.get(0);
            if (!first.handler().isAbandoned()) {
                repeat(first, next);
            }
            waiting.remove(0);
        }
    }

    private void repeat(Unanswered request, Link next) throws JMSException {
        Frame reply;
        try {
            Link.Waiter waiter = new Link.PlainWaiter();
            next.request(request.frame(), waiter);
            reply = waiter.await(options.requestTimeout());
        } catch (JMSException e) {
            if (next.isLost() || e.getErrorCode() == null) { // no answer: the next connection may bring one
                throw e;
            }
            answerRefused(request, e);
            return;
        }
        request.handler().replied(reply);
    }

    /** A deletion that was done before the break finds nothing left to delete. */
    private static void answerRefused(Unanswered request, JMSException refused) {
        boolean deletes = request.frame() instanceof DeleteTemporary || request.frame() instanceof Unsubscribe;
        if (deletes && refused instanceof jakarta.jms.InvalidDestinationException) {
            request.handler().replied(new Ok());
        } else {
            request.handler().failed(refused);
        }
    }

    /** Nobody can answer a delivery before this returns. */
    private boolean use(Link next, List<Flow> flows) throws JMSException {
        synchronized (this) {
            if (closed || next.isLost()) {
                return false;
            }
            for (Flow flow : flows) {
                next.tell(flow);
            }
            link = next;
            broken = null;
            notifyAll();
            return true;
        }
    }

    /** Asks again, on whichever network connection is in use. */
    private void pull() {
        List<Unanswered> again;
        synchronized (this) {
            again = pulls;
            pulls = new ArrayList<>();
        }
        for (Unanswered each : again) {
            if (!each.handler().isAbandoned()) {
                try {
                    request(each.frame(), each.handler());
                } catch (JMSException e) {
                    each.handler().failed(e);
                }
            }
        }
    }

    /** Under the lock. */
    private List<Unanswered> unanswered() {
        List<Unanswered> all = new ArrayList<>(waiting);
        all.addAll(pulls);
        return all;
    }

    private void giveUp(JMSException reason) {
        List<Unanswered> left;
        synchronized (this) {
            lost = reason;
            left = unanswered();
            waiting.clear();
            pulls.clear();
            notifyAll();
        }
        left.forEach(each -> each.handler().failed(Errors.again(reason)));
        tellLost(reason);
    }
}
