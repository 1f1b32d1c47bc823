/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import jakarta.jms.XASession;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkException;
import jakarta.resource.spi.work.WorkManager;
import jakarta.resource.spi.work.WorkRejectedException;
import java.lang.reflect.Method;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * One session that delivers to one endpoint, a message at a time. The JMS client's thread waits for messages; each is
 * handed to the bean on a thread of the server.
 */
final class Worker implements MessageListener {
    private static final Logger LOG = Logger.getLogger(Worker.class.getName());
    private static final long PAUSE = 1_000;

    private final WorkManager workManager;
    private final MessageEndpointFactory endpoints;
    private final PolyMQActivationSpec spec;
    private final Session session;
    private final @Nullable XAResource resource;
    private final CountDownLatch closing = new CountDownLatch(1);
    /** Used by the thread that delivers; those hand over to each other. */
    private volatile @Nullable MessageEndpoint endpoint;

    Worker(WorkManager workManager, MessageEndpointFactory endpoints, PolyMQActivationSpec spec, Session session) {
        this.workManager = workManager;
        this.endpoints = endpoints;
        this.spec = spec;
        this.session = session;
        this.resource = session instanceof XASession coordinated ? coordinated.getXAResource() : null;
    }

    /** What a bean implements. */
    static Method onMessage() throws NoSuchMethodException {
        return MessageListener.class.getMethod("onMessage", Message.class);
    }

    /** Makes the endpoint, so that no message is taken before the bean is there, and the consumer. */
    void open(Consuming consuming) throws JMSException, ResourceException {
        endpoint = endpoints.createEndpoint(resource);
        consuming.open(session).setMessageListener(this);
    }

    /** On the client's thread; what it throws brings the message back. */
    @Override
    public void onMessage(Message message) {
        waitBeforeRedelivery(message);
        Delivery delivery = new Delivery(message);
        while (true) {
            try {
                workManager.doWork(delivery);
                break;
            } catch (WorkRejectedException e) {
                LOG.log(Level.FINE, "{0}: the server has no thread: {1}", new Object[] {spec, e.getMessage()});
                pause(PAUSE);
            } catch (WorkException e) {
                throw new IllegalStateException("the server could not run a delivery", e);
            }
        }
        if (delivery.failure != null) {
            throw new DeliveryFailedException(delivery.failure);
        }
    }

    private void waitBeforeRedelivery(Message message) {
        try {
            if (spec.getRedeliveryDelay() > 0 && message.getJMSRedelivered()) {
                pause(spec.getRedeliveryDelay());
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends early, and the message goes back, when the activation ends. */
    private void pause(long millis) {
        try {
            if (closing.await(millis, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("delivery ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A message on its way through the bean, on a thread of the server. */
    private final class Delivery implements Work {
        private final Message message;
        /** Why the message has to come back; a transaction that was rolled back has brought it back itself. */
        private volatile @Nullable Throwable failure;

        Delivery(Message message) {
            this.message = message;
        }

        @Override
        public void run() {
            try {
                if (resource == null) {
                    call(current());
                } else {
                    deliverInTransaction(current());
                }
            } catch (RuntimeException | Error | ResourceException | NoSuchMethodException e) {
                failure = e;
                LOG.log(Level.FINE, "a delivery of " + spec + " failed", e);
                releaseEndpoint();
            }
        }

        private void call(MessageEndpoint bean) {
            ((MessageListener) bean).onMessage(message);
        }

        /** The transaction, which the server begins and ends, decides whether the message comes back. */
        private void deliverInTransaction(MessageEndpoint bean) throws ResourceException, NoSuchMethodException {
            bean.beforeDelivery(onMessage());
            boolean done = false;
            try {
                call(bean);
                done = true;
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "{0}: the bean failed, its message comes back: {1}", new Object[] {spec, e});
            }
            try {
                bean.afterDelivery();
            } catch (RuntimeException | ResourceException e) {
                done = false;
                LOG.log(Level.WARNING, "{0}: a transaction was not committed: {1}", new Object[] {spec, e});
            }
            if (!done) {
                releaseEndpoint();
            }
        }

        @Override
        public void release() {}
    }

    /** After a failure the server may have thrown its bean away. */
    private MessageEndpoint current() throws UnavailableException {
        MessageEndpoint bean = endpoint;
        if (bean == null) {
            bean = endpoints.createEndpoint(resource);
            endpoint = bean;
        }
        return bean;
    }

    private void releaseEndpoint() {
        MessageEndpoint bean = endpoint;
        endpoint = null;
        if (bean != null) {
            try {
                bean.release();
            } catch (RuntimeException e) {
                LOG.log(Level.FINE, "an endpoint could not be released: {0}", e.getMessage());
            }
        }
    }

    /** Waits for the delivery that is going on. */
    void close() {
        closing.countDown();
        try {
            session.close();
        } catch (JMSException e) {
            LOG.log(Level.FINE, "a session was lost: {0}", e.getMessage());
        }
        releaseEndpoint();
    }

    /** Tells the JMS client to bring a message back. */
    private static final class DeliveryFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DeliveryFailedException(Throwable cause) {
            super("the delivery failed: " + cause, cause, false, false);
        }
    }
}
