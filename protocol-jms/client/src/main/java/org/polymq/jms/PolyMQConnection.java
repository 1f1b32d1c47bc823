/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import io.netty.channel.EventLoopGroup;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.CloseSession;
import org.polymq.jms.wire.Frame.ConsumerClosed;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Disconnect;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.SetClientId;
import org.polymq.jms.wire.WireDestination;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection of the classic API, of any of its three kinds. Safe from any thread. */
class PolyMQConnection implements Connection, QueueConnection, TopicConnection {
    private static final Logger LOG = LoggerFactory.getLogger(PolyMQConnection.class);

    /** Which of the older domain-specific factories made it: the other domain's calls are refused. */
    enum Domain {
        ANY,
        QUEUES,
        TOPICS
    }

    private final ClientOptions options;
    private final Domain domain;
    private final Map<Integer, PolyMQConsumer> consumers = new ConcurrentHashMap<>();
    private final Set<PolyMQSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Callbacks callbacks = new Callbacks("polymq-jms-callbacks");
    private final Callbacks exceptions = new Callbacks("polymq-jms-exceptions");
    private final long idBase = new SecureRandom().nextLong();
    private final AtomicLong messageNumbers = new AtomicLong();
    private final String instance = UUID.randomUUID().toString();
    private final Set<WireDestination> temporaries = ConcurrentHashMap.newKeySet();
    private final Line line;
    /** Opened again by the last resume; touched by the reconnecting thread alone. */
    private List<PolyMQConsumer> reopened = List.of();

    private List<PolyMQSession> reopenedSessions = List.of();
    private volatile @Nullable ExceptionListener exceptionListener;
    private volatile boolean started;
    /** Set at the begin of a close; listeners that still run may use the connection until it is closed. */
    private volatile boolean closing;

    private volatile boolean closed;
    private volatile boolean used;
    private volatile @Nullable String clientId;
    private volatile @Nullable JMSException lost;

    PolyMQConnection(
            ClientOptions options,
            EventLoopGroup group,
            Domain domain,
            @Nullable String user,
            @Nullable String password)
            throws JMSException {
        this.options = options;
        this.domain = domain;
        this.clientId = options.clientId();
        this.line = Line.open(
                options, group, () -> Link.hello(options, this.clientId, user, password, instance), new Receiver());
    }

    static PolyMQConnection open(
            ClientOptions options,
            EventLoopGroup group,
            @Nullable String user,
            @Nullable String password,
            Domain domain)
            throws JMSException {
        return new PolyMQConnection(options, group, domain, user, password);
    }

    Line line() {
        return line;
    }

    ClientOptions options() {
        return options;
    }

    Domain domain() {
        return domain;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    boolean isStarted() {
        return started;
    }

    int nextNumber() {
        return numbers.incrementAndGet();
    }

    /** A message id without its prefix: 32 hexadecimal digits, unlike any other. */
    String nextMessageId() {
        StringBuilder text = new StringBuilder(32);
        appendHex(text, idBase);
        appendHex(text, messageNumbers.incrementAndGet());
        return text.toString();
    }

    private static void appendHex(StringBuilder text, long number) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            text.append(Character.toUpperCase(Character.forDigit((int) (number >>> shift) & 15, 16)));
        }
    }

    void add(PolyMQConsumer consumer) {
        consumers.put(consumer.id(), consumer);
    }

    void remove(PolyMQConsumer consumer) {
        consumers.remove(consumer.id());
    }

    void add(PolyMQSession session) {
        sessions.add(session);
    }

    /** A temporary destination of this connection. */
    void add(WireDestination temporary) {
        temporaries.add(temporary);
    }

    void remove(WireDestination temporary) {
        temporaries.remove(temporary);
    }

    void remove(PolyMQSession session) {
        sessions.remove(session);
    }

    /** Whether a subscription name needs the client id that this connection lacks. */
    boolean hasClientId() {
        return clientId != null;
    }

    void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the connection is closed");
        }
        JMSException reason = lost;
        if (reason != null) {
            throw Errors.again(reason);
        }
    }

    @Override
    public Session createSession() throws JMSException {
        return newSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return newSession(sessionMode);
    }

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(mode(transacted, acknowledgeMode));
    }

    @Override
    public PolyMQSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(mode(transacted, acknowledgeMode));
    }

    @Override
    public PolyMQSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(mode(transacted, acknowledgeMode));
    }

    private static int mode(boolean transacted, int acknowledgeMode) throws JMSException {
        if (!transacted && acknowledgeMode == Session.SESSION_TRANSACTED) {
            throw new JMSException("SESSION_TRANSACTED is no acknowledge mode of a session that is not transacted");
        }
        return transacted ? Session.SESSION_TRANSACTED : acknowledgeMode;
    }

    /** Before a session is made. */
    final void checkMayOpen() throws JMSException {
        used = true;
        checkOpen();
        if (closing) {
            throw new IllegalStateException("the connection is closing");
        }
    }

    PolyMQSession newSession(int mode) throws JMSException {
        checkMayOpen();
        if (mode < Session.SESSION_TRANSACTED || mode > Session.DUPS_OK_ACKNOWLEDGE) {
            throw new JMSException("no session mode " + mode);
        }
        return opened(PolyMQSession.open(this, mode));
    }

    /** Answers a session just made, closed if the connection closes. */
    final <S extends PolyMQSession> S opened(S session) throws JMSException {
        if (closing) {
            session.close();
        }
        return session;
    }

    @Override
    public @Nullable String getClientID() throws JMSException {
        checkOpen();
        return clientId;
    }

    @Override
    public void setClientID(@Nullable String clientId) throws JMSException {
        checkOpen();
        if (this.clientId != null) {
            throw new IllegalStateException("the client id is " + this.clientId + " already");
        }
        if (used) {
            throw new IllegalStateException("a client id has to be set before the connection is used");
        }
        if (clientId == null || clientId.isEmpty()) {
            throw new InvalidClientIDException("a client id cannot be empty");
        }
        this.clientId = clientId;
        try {
            line.request(new SetClientId(clientId));
        } catch (JMSException e) {
            this.clientId = null;
            throw e;
        }
        used = true;
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        used = true;
        checkOpen();
        return new PolyMQMetaData();
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        used = true;
        checkOpen();
        return exceptionListener;
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) throws JMSException {
        used = true;
        checkOpen();
        exceptionListener = listener;
    }

    @Override
    public void start() throws JMSException {
        used = true;
        checkOpen();
        started = true;
        for (PolyMQSession session : sessions) {
            session.deliveries().started();
        }
    }

    @Override
    public void stop() throws JMSException {
        used = true;
        checkOpen();
        for (PolyMQSession session : sessions) {
            session.checkNotInListener("the connection cannot be stopped");
        }
        started = false;
        for (PolyMQSession session : sessions) {
            session.deliveries().awaitListener();
        }
    }

    @Override
    public void close() throws JMSException {
        if (closed) {
            return;
        }
        for (PolyMQSession session : sessions) {
            session.checkNotInCallback("the connection cannot be closed");
        }
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
        }
        JMSException failure = null;
        for (PolyMQSession session : sessions) {
            try {
                session.close();
            } catch (JMSException e) {
                failure = e;
            }
        }
        closed = true;
        try {
            requestUnlessLost(new Disconnect());
        } catch (JMSException e) {
            failure = e;
        }
        boolean gone = !line.isConnected();
        line.close();
        callbacks.close();
        exceptions.close();
        if (failure != null && !gone) {
            throw failure;
        }
    }

    private void tellExceptionListener(JMSException reason) {
        ExceptionListener listener = exceptionListener;
        if (listener == null) {
            LOG.warn("JMS connection: {}", reason.getMessage());
        } else {
            exceptions.run(() -> listener.onException(reason));
        }
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw connectionConsumer();
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw connectionConsumer();
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        throw connectionConsumer();
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        throw connectionConsumer();
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        if (domain == Domain.QUEUES) {
            throw new IllegalStateException("a QueueConnection has no durable connection consumers");
        }
        throw connectionConsumer();
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        if (domain == Domain.QUEUES) {
            throw new IllegalStateException("a QueueConnection has no durable connection consumers");
        }
        throw connectionConsumer();
    }

    private JMSException connectionConsumer() throws JMSException {
        checkOpen();
        return new NotSupportedException(
                "PolyMQ does not offer connection consumers, which Jakarta Messaging leaves optional");
    }

    /** What the link tells; on its event loop. */
    private final class Receiver implements Line.Owner {
        @Override
        public void delivered(Deliver delivery) {
            PolyMQConsumer consumer = consumers.get(delivery.consumerId());
            if (consumer != null) { // Else it was closed while this was on its way, and the broker keeps it.
                consumer.delivered(delivery);
            }
        }

        @Override
        public void consumerClosed(ConsumerClosed frame) {
            PolyMQConsumer consumer = consumers.get(frame.consumerId());
            if (consumer != null) {
                PolyMQConnection.this.refused(consumer, Errors.of(frame.error(), frame.message()));
            }
        }

        @Override
        public void refused(JMSException reason) {
            tellExceptionListener(reason);
        }

        @Override
        public void broken(JMSException reason) {
            sessions.forEach(PolyMQSession::interrupt);
            for (PolyMQConsumer consumer : List.copyOf(consumers.values())) {
                if (consumer.isBrowser()) {
                    consumer.failed(reason);
                }
            }
            if (options.reconnection().tellBreaks()) {
                tellExceptionListener(new BrokenException(reason));
            }
        }

        @Override
        public void resume(Link link) throws JMSException {
            resumeAll(link);
        }

        @Override
        public List<Flow> flows() {
            List<Flow> flows = new ArrayList<>();
            for (PolyMQConsumer consumer : reopened) {
                Flow flow = consumer.flowAgain();
                if (flow != null) {
                    flows.add(flow);
                }
            }
            return flows;
        }

        @Override
        public void resumed() {
            LOG.info("JMS connection made again");
            closeWhatClosedMeanwhile();
        }

        @Override
        public void lost(JMSException reason) {
            lost = reason;
            for (PolyMQConsumer consumer : List.copyOf(consumers.values())) {
                consumer.failed(reason);
            }
            if (!closing) {
                tellExceptionListener(reason);
            }
        }
    }

    private void resumeAll(Link link) throws JMSException {
        sessions.forEach(PolyMQSession::interrupt);
        for (WireDestination temporary : temporaries) {
            link.request(new CreateTemporary(temporary));
        }
        reopenedSessions = sessions.stream().filter(PolyMQSession::isOpened).toList();
        reopened = new ArrayList<>();
        for (PolyMQSession session : reopenedSessions) {
            link.request(session.openFrame());
            for (PolyMQConsumer consumer : session.deliveries().open()) {
                reopened.add(consumer);
                consumer.resume(link);
            }
        }
    }

    /** What the application closed while it was opened again here is open at the broker. */
    private void closeWhatClosedMeanwhile() {
        try {
            for (PolyMQSession session : reopenedSessions) {
                if (session.isClosed()) {
                    requestUnlessLost(new CloseSession(session.id(), List.of()));
                }
            }
            for (PolyMQConsumer consumer : reopened) {
                Flow flow = consumer.flowAgain();
                if (consumer.isClosed()) {
                    consumer.closeAgain();
                } else if (flow != null) { // It may have been started meanwhile.
                    line.tellNow(flow);
                }
            }
        } catch (JMSException e) {
            LOG.warn("something stays open at the broker: {}", e.getMessage());
        }
    }

    /** The broker did not let a consumer go on after a break. */
    void refused(PolyMQConsumer consumer, JMSException reason) {
        consumers.remove(consumer.id());
        consumer.failed(reason);
        tellExceptionListener(reason);
    }

    /** Sends a frame on behalf of an object that may be closing: a lost link has nothing left to tell. */
    void requestUnlessLost(Frame frame) throws JMSException {
        try {
            line.requestNow(frame);
        } catch (BrokenException e) {
            LOG.debug("nothing to tell: the connection is broken", e);
        }
    }
}
