/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQConnection.Domain;
import org.polymq.jms.wire.Frame;
import org.polymq.jms.wire.Frame.ConsumerKind;
import org.polymq.jms.wire.Frame.CreateTemporary;
import org.polymq.jms.wire.Frame.OpenConsumer;
import org.polymq.jms.wire.Frame.OpenSession;
import org.polymq.jms.wire.Frame.Send;
import org.polymq.jms.wire.Frame.SessionMode;
import org.polymq.jms.wire.Frame.Unsubscribe;
import org.polymq.jms.wire.WireDestination;
import org.polymq.jms.wire.WireMessage;

/** A session of the classic API, of any of its kinds. */
class PolyMQSession implements QueueSession, TopicSession {
    private final PolyMQConnection connection;
    private final int id;
    private final int mode;
    private final Completions completions;
    private final Deliveries deliveries;
    private final LocalTransaction transaction;
    /** Known to the broker: to be opened again after a break. */
    private volatile boolean opened;

    private volatile boolean closed;

    PolyMQSession(PolyMQConnection connection, int id, int mode) {
        this.connection = connection;
        this.id = id;
        this.mode = mode;
        this.completions =
                new Completions(connection.callbacks(), connection.options().requestTimeout());
        this.deliveries = new Deliveries(connection, id, mode);
        this.transaction = new LocalTransaction(connection, id, deliveries);
    }

    static PolyMQSession open(PolyMQConnection connection, int mode) throws JMSException {
        PolyMQSession session = new PolyMQSession(connection, connection.nextNumber(), mode);
        session.open();
        return session;
    }

    /** Makes it known to the broker. */
    final void open() throws JMSException {
        connection.add(this);
        try {
            connection.line().request(openFrame(), () -> opened = true);
        } catch (JMSException e) {
            connection.remove(this);
            throw e;
        }
    }

    boolean isOpened() {
        return opened;
    }

    int id() {
        return id;
    }

    OpenSession openFrame() {
        return new OpenSession(id, wireMode(mode));
    }

    /** The connection broke: what was not acknowledged comes again, and a transaction has to be rolled back. */
    void interrupt() {
        boolean held = deliveries.interrupt();
        if (mode == SESSION_TRANSACTED) {
            transaction.interrupt(held);
        }
    }

    private static SessionMode wireMode(int mode) {
        return switch (mode) {
            case SESSION_TRANSACTED -> SessionMode.TRANSACTED;
            case DUPS_OK_ACKNOWLEDGE -> SessionMode.LAZY;
            default -> SessionMode.ACKNOWLEDGED;
        };
    }

    PolyMQConnection connection() {
        return connection;
    }

    /** The session mode by which what is handed over now is acknowledged. */
    int acknowledging() {
        return mode;
    }

    /** Whether what is sent now waits for a commit. */
    boolean isBuffering() {
        return mode == SESSION_TRANSACTED;
    }

    /** The session mode that its class implements, whatever a transaction manager makes of it. */
    final int mode() {
        return mode;
    }

    Deliveries deliveries() {
        return deliveries;
    }

    boolean isClosed() {
        return closed;
    }

    void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
        connection.checkOpen();
    }

    void checkNotInCallback(String what) throws JMSException {
        checkNotInListener(what);
        checkNotInCompletion(what);
    }

    void checkNotInListener(String what) throws JMSException {
        if (deliveries.isListenerThread()) {
            throw new IllegalStateException(what + " from a message listener of it");
        }
    }

    // ---- messages

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new PolyMQBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new PolyMQMapMessage();
    }

    @Override
    public Message createMessage() throws JMSException {
        checkOpen();
        return new PolyMQMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        checkOpen();
        return new PolyMQObjectMessage(connection.options().trusted());
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        ObjectMessage message = createObjectMessage();
        message.setObject(object);
        return message;
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new PolyMQStreamMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        checkOpen();
        return new PolyMQTextMessage();
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) throws JMSException {
        TextMessage message = createTextMessage();
        message.setText(text);
        return message;
    }

    // ---- destinations

    @Override
    public Queue createQueue(String name) throws JMSException {
        checkOpen();
        checkDomain(Domain.TOPICS, "createQueue");
        return new PolyMQQueue(checkName(name));
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        checkOpen();
        checkDomain(Domain.QUEUES, "createTopic");
        return new PolyMQTopic(checkName(name));
    }

    private static String checkName(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new InvalidDestinationException("a destination needs a name");
        }
        return name;
    }

    private void checkDomain(Domain refused, String call) throws JMSException {
        if (connection.domain() == refused) {
            throw new IllegalStateException(
                    call + " is not for a " + (refused == Domain.TOPICS ? "TopicSession" : "QueueSession"));
        }
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        checkDomain(Domain.TOPICS, "createTemporaryQueue");
        PolyMQTemporaryQueue made = PolyMQTemporaryQueue.of(connection);
        make(made.toWire());
        return made;
    }

    /** The connection makes it again after a break. */
    private void make(WireDestination temporary) throws JMSException {
        connection.line().request(new CreateTemporary(temporary), () -> connection.add(temporary));
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        checkOpen();
        checkDomain(Domain.QUEUES, "createTemporaryTopic");
        PolyMQTemporaryTopic made = PolyMQTemporaryTopic.of(connection);
        make(made.toWire());
        return made;
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) throws JMSException {
        checkOpen();
        checkDomain(Domain.TOPICS, "createBrowser");
        PolyMQBrowser browser = new PolyMQBrowser(this, queue, selector);
        browser.check();
        return browser;
    }

    /** A consumer that only looks at a queue. */
    PolyMQConsumer browse(Queue queue, @Nullable String selector) throws JMSException {
        checkOpen();
        return open(PolyMQDestination.of(queue), ConsumerKind.BROWSER, null, selector, false);
    }

    // ---- producers

    @Override
    public PolyMQProducer createProducer(@Nullable Destination destination) throws JMSException {
        checkOpen();
        return new PolyMQProducer(this, destination == null ? null : PolyMQDestination.of(destination));
    }

    @Override
    public QueueSender createSender(@Nullable Queue queue) throws JMSException {
        return createProducer(queue);
    }

    @Override
    public TopicPublisher createPublisher(@Nullable Topic topic) throws JMSException {
        return createProducer(topic);
    }

    /** Sends now, or with the transaction. */
    void send(WireMessage message) throws JMSException {
        if (isBuffering()) {
            transaction.add(message);
        } else if (message.persistent()) {
            connection.line().request(new Send(id, message, false));
        } else {
            connection.line().tell(new Send(id, message, false));
        }
    }

    /** Sends without waiting; the listener hears how it went. */
    void send(WireMessage wire, Message message, CompletionListener listener) throws JMSException {
        Completions.Sent sent = completions.begin(message, listener);
        try {
            if (isBuffering()) {
                send(wire);
                sent.replied(new Frame.Ok());
            } else {
                connection.line().request(new Send(id, wire, false), sent);
            }
        } catch (JMSException | RuntimeException e) {
            completions.cancel(sent);
            throw e;
        }
    }

    // ---- consumers

    @Override
    public PolyMQConsumer createConsumer(Destination destination) throws JMSException {
        return createConsumer(destination, null, false);
    }

    @Override
    public PolyMQConsumer createConsumer(Destination destination, @Nullable String selector) throws JMSException {
        return createConsumer(destination, selector, false);
    }

    @Override
    public PolyMQConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        PolyMQDestination target = PolyMQDestination.of(destination);
        boolean queue = target.toWire().kind().isQueue();
        return open(target, queue ? ConsumerKind.QUEUE : ConsumerKind.TOPIC, null, selector, noLocal && !queue);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return createConsumer(queue);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, @Nullable String selector) throws JMSException {
        return createConsumer(queue, selector);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return createConsumer(topic);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return createConsumer(topic, selector, noLocal);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return createDurableConsumer(topic, name, selector, noLocal);
    }

    @Override
    public PolyMQConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public PolyMQConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        checkDomain(Domain.QUEUES, "a durable subscription");
        PolyMQDestination destination = PolyMQDestination.of(topic);
        if (!connection.hasClientId()) {
            throw new IllegalStateException("an unshared durable subscription needs a client id");
        }
        return open(destination, ConsumerKind.DURABLE_TOPIC, checkSubscription(name), selector, noLocal);
    }

    @Override
    public PolyMQConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public PolyMQConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        checkOpen();
        checkDomain(Domain.QUEUES, "a shared subscription");
        return open(PolyMQDestination.of(topic), ConsumerKind.SHARED_TOPIC, checkSubscription(name), selector, false);
    }

    @Override
    public PolyMQConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public PolyMQConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        checkOpen();
        checkDomain(Domain.QUEUES, "a shared subscription");
        return open(
                PolyMQDestination.of(topic),
                ConsumerKind.SHARED_DURABLE_TOPIC,
                checkSubscription(name),
                selector,
                false);
    }

    private static String checkSubscription(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new JMSException("a subscription needs a name");
        }
        return name;
    }

    private PolyMQConsumer open(
            PolyMQDestination destination,
            ConsumerKind kind,
            @Nullable String subscription,
            @Nullable String selector,
            boolean noLocal)
            throws JMSException {
        destination.checkConsumableBy(connection);
        String given = selector == null || selector.isBlank() ? null : selector;
        OpenConsumer frame = new OpenConsumer(
                id, connection.nextNumber(), kind, destination.toWire(), subscription, given, noLocal, 0);
        PolyMQConsumer consumer = new PolyMQConsumer(this, destination, frame);
        connection.add(consumer);
        if (kind != ConsumerKind.BROWSER) {
            deliveries.add(consumer);
        }
        try {
            connection.line().request(frame, consumer::opened);
        } catch (JMSException e) {
            connection.remove(consumer);
            deliveries.remove(consumer);
            throw e;
        }
        consumer.started();
        return consumer;
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        checkOpen();
        checkDomain(Domain.QUEUES, "unsubscribe");
        connection.line().request(new Unsubscribe(checkSubscription(name)));
    }

    // ---- acknowledging

    /** {@link Message#acknowledge()}: everything handed over so far, in the mode that wants it. */
    void acknowledge() throws JMSException {
        checkOpen();
        if (mode == CLIENT_ACKNOWLEDGE) {
            deliveries.acknowledge();
        }
    }

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return mode == SESSION_TRANSACTED;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return mode;
    }

    @Override
    public void commit() throws JMSException {
        checkTransacted();
        checkNotInCompletion("a session cannot be committed");
        completions.await();
        transaction.commit();
    }

    @Override
    public void rollback() throws JMSException {
        checkTransacted();
        checkNotInCompletion("a session cannot be rolled back");
        completions.await();
        transaction.clear();
        deliveries.recover();
    }

    void awaitCompletions() throws JMSException {
        completions.await();
    }

    final Completions completions() {
        return completions;
    }

    final List<WireMessage> takeTransaction() {
        return transaction.take();
    }

    private void checkTransacted() throws JMSException {
        checkOpen();
        if (mode != SESSION_TRANSACTED) {
            throw new IllegalStateException("the session is not transacted");
        }
    }

    void checkNotInCompletion(String what) throws JMSException {
        if (completions.isCurrentThread()) {
            throw new IllegalStateException(what + " from a completion listener of it");
        }
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        if (mode == SESSION_TRANSACTED) {
            throw new IllegalStateException("a transacted session is rolled back, not recovered");
        }
        deliveries.recover();
    }

    @Override
    public void close() throws JMSException {
        if (closed) {
            return;
        }
        checkNotInCallback("a session cannot be closed");
        if (!deliveries.beginClose()) {
            return;
        }
        completions.await();
        try {
            closing();
        } finally {
            closed = true;
            transaction.take();
            connection.remove(this);
            deliveries.endClose();
        }
    }

    /** What has to be told before the session is closed. */
    void closing() throws JMSException {}

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return null;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        checkOpen();
        if (listener != null) {
            throw new NotSupportedException(
                    "PolyMQ does not offer session listeners, which Jakarta Messaging leaves to application servers");
        }
    }

    @Override
    public void run() {
        throw new JMSRuntimeException("a session is run only by application servers' session pools");
    }
}
