/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.wire.WireMessage;

/** A producer of the classic API, of any of its kinds. */
final class PolyMQProducer implements QueueSender, TopicPublisher {
    private final PolyMQSession session;
    private final @Nullable PolyMQDestination fixed;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLive = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelay = Message.DEFAULT_DELIVERY_DELAY;
    private boolean disableMessageId;
    private boolean disableTimestamp;
    private volatile boolean closed;

    PolyMQProducer(PolyMQSession session, @Nullable PolyMQDestination fixed) {
        this.session = session;
        this.fixed = fixed;
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the producer is closed");
        }
        session.checkOpen();
    }

    // ---- settings

    @Override
    public void setDisableMessageID(boolean disable) throws JMSException {
        checkOpen();
        disableMessageId = disable; // A hint; ids are made all the same, they cost nothing.
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        checkOpen();
        return disableMessageId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean disable) throws JMSException {
        checkOpen();
        disableTimestamp = disable; // A hint, as above.
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        checkOpen();
        return disableTimestamp;
    }

    @Override
    public void setDeliveryMode(int deliveryMode) throws JMSException {
        checkOpen();
        this.deliveryMode = checkMode(deliveryMode);
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        checkOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int priority) throws JMSException {
        checkOpen();
        this.priority = checkPriority(priority);
    }

    @Override
    public int getPriority() throws JMSException {
        checkOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long timeToLive) throws JMSException {
        checkOpen();
        this.timeToLive = checkTimeToLive(timeToLive);
    }

    @Override
    public long getTimeToLive() throws JMSException {
        checkOpen();
        return timeToLive;
    }

    @Override
    public void setDeliveryDelay(long deliveryDelay) throws JMSException {
        checkOpen();
        this.deliveryDelay = checkDelay(deliveryDelay);
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        checkOpen();
        return deliveryDelay;
    }

    static int checkMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("no delivery mode " + mode);
        }
        return mode;
    }

    static int checkPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw new JMSException("a priority is 0 to 9, not " + priority);
        }
        return priority;
    }

    static long checkTimeToLive(long timeToLive) throws JMSException {
        if (timeToLive < 0) {
            throw new JMSException("a time to live cannot be negative: " + timeToLive);
        }
        return timeToLive;
    }

    static long checkDelay(long delay) throws JMSException {
        if (delay < 0) {
            throw new JMSException("a delivery delay cannot be negative: " + delay);
        }
        return delay;
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        checkOpen();
        return fixed;
    }

    @Override
    public @Nullable Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) fixed;
    }

    @Override
    public @Nullable Topic getTopic() throws JMSException {
        checkOpen();
        return (Topic) fixed;
    }

    @Override
    public void close() throws JMSException {
        if (!closed && !session.isClosed()) {
            session.checkNotInCompletion("a producer cannot be closed");
            session.awaitCompletions();
        }
        closed = true;
    }

    // ---- sending

    @Override
    public void send(Message message) throws JMSException {
        send(ownDestination(), message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLive) throws JMSException {
        send(ownDestination(), message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(@Nullable Destination destination, Message message) throws JMSException {
        send(given(destination), message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(
            @Nullable Destination destination, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send(given(destination), message, deliveryMode, priority, timeToLive, null);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        send(ownDestination(), message, deliveryMode, priority, timeToLive, checkListener(listener));
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLive, CompletionListener listener)
            throws JMSException {
        send(ownDestination(), message, deliveryMode, priority, timeToLive, checkListener(listener));
    }

    @Override
    public void send(@Nullable Destination destination, Message message, CompletionListener listener)
            throws JMSException {
        send(given(destination), message, deliveryMode, priority, timeToLive, checkListener(listener));
    }

    @Override
    public void send(
            @Nullable Destination destination,
            Message message,
            int deliveryMode,
            int priority,
            long timeToLive,
            CompletionListener listener)
            throws JMSException {
        send(given(destination), message, deliveryMode, priority, timeToLive, checkListener(listener));
    }

    @Override
    public void send(@Nullable Queue queue, Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(@Nullable Queue queue, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send((Destination) queue, message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int deliveryMode, int priority, long timeToLive) throws JMSException {
        send(message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void publish(@Nullable Topic topic, Message message) throws JMSException {
        send((Destination) topic, message);
    }

    @Override
    public void publish(@Nullable Topic topic, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send((Destination) topic, message, deliveryMode, priority, timeToLive);
    }

    private static CompletionListener checkListener(@Nullable CompletionListener listener) {
        if (listener == null) {
            throw new IllegalArgumentException("the completion listener is null");
        }
        return listener;
    }

    private PolyMQDestination ownDestination() throws JMSException {
        checkOpen();
        if (fixed == null) {
            throw new UnsupportedOperationException("the producer has no destination of its own; name one");
        }
        return fixed;
    }

    private PolyMQDestination given(@Nullable Destination destination) throws JMSException {
        checkOpen();
        if (fixed != null) {
            throw new UnsupportedOperationException("the producer was made for " + fixed);
        }
        if (destination == null) {
            throw new InvalidDestinationException("the destination is null");
        }
        return PolyMQDestination.of(destination);
    }

    private void send(
            PolyMQDestination destination,
            @Nullable Message message,
            int deliveryMode,
            int priority,
            long timeToLive,
            @Nullable CompletionListener listener)
            throws JMSException {
        if (message == null) {
            throw new MessageFormatException("the message is null");
        }
        checkMode(deliveryMode);
        checkPriority(priority);
        checkTimeToLive(timeToLive);
        PolyMQMessage own = Messages.own(message, session.connection().options().trusted());
        long now = System.currentTimeMillis();
        setHeaders(own, destination, deliveryMode, priority, now, timeToLive);
        WireMessage wire = own.toWire(destination);
        if (own != message) {
            copyHeaders(own, message);
        }
        if (listener == null) {
            session.send(wire);
        } else {
            session.send(wire, message, listener);
        }
    }

    private void setHeaders(
            PolyMQMessage message,
            PolyMQDestination destination,
            int deliveryMode,
            int priority,
            long now,
            long timeToLive)
            throws JMSException {
        message.setJMSMessageID(PolyMQMessage.ID_PREFIX + session.connection().nextMessageId());
        message.setJMSTimestamp(now);
        message.setJMSDestination(destination);
        message.setJMSDeliveryMode(deliveryMode);
        message.setJMSPriority(priority);
        // Also in a transaction both count from the send (Jakarta Messaging 3.1, JMSDeliveryTime).
        message.setJMSDeliveryTime(after(now, deliveryDelay));
        message.setJMSExpiration(timeToLive == 0 ? 0 : after(now, timeToLive));
    }

    private static long after(long now, long millis) {
        return millis > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + millis;
    }

    /** A message of another provider hears what its send made of it. */
    private static void copyHeaders(PolyMQMessage from, Message to) throws JMSException {
        to.setJMSMessageID(from.getJMSMessageID());
        to.setJMSTimestamp(from.getJMSTimestamp());
        to.setJMSDestination(from.getJMSDestination());
        to.setJMSDeliveryMode(from.getJMSDeliveryMode());
        to.setJMSPriority(from.getJMSPriority());
        to.setJMSDeliveryTime(from.getJMSDeliveryTime());
        to.setJMSExpiration(from.getJMSExpiration());
    }
}
