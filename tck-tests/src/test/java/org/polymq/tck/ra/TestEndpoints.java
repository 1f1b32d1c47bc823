/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.transaction.NotSupportedException;
import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import java.lang.reflect.Method;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;

/** A message-driven bean with or without container-managed transactions, as its server offers it to an adapter. */
final class TestEndpoints implements MessageEndpointFactory {
    private final TransactionManager transactions;
    private final boolean transacted;
    private final MessageListener bean;
    private final AtomicInteger unavailable = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    TestEndpoints(TransactionManager transactions, boolean transacted, MessageListener bean) {
        this.transactions = transactions;
        this.transacted = transacted;
        this.bean = bean;
    }

    /** Is not there yet for so many calls. */
    TestEndpoints unavailableFor(int calls) {
        unavailable.set(calls);
        return this;
    }

    /** How many endpoints are not released. */
    int open() {
        return open.get();
    }

    @Override
    public MessageEndpoint createEndpoint(XAResource resource) throws UnavailableException {
        if (unavailable.getAndDecrement() > 0) {
            throw new UnavailableException("the bean is not there yet");
        }
        open.incrementAndGet();
        return new Endpoint(resource);
    }

    @Override
    public MessageEndpoint createEndpoint(XAResource resource, long timeout) throws UnavailableException {
        return createEndpoint(resource);
    }

    @Override
    public boolean isDeliveryTransacted(Method method) {
        return transacted;
    }

    @Override
    public String getActivationName() {
        return "test";
    }

    @Override
    public Class<?> getEndpointClass() {
        return bean.getClass();
    }

    private final class Endpoint implements MessageEndpoint, MessageListener {
        private final XAResource resource;
        private boolean begun;

        Endpoint(XAResource resource) {
            this.resource = resource;
        }

        @Override
        public void beforeDelivery(Method method) throws jakarta.resource.ResourceException {
            try {
                transactions.begin();
                begun = true;
                transactions.getTransaction().enlistResource(resource);
            } catch (NotSupportedException | SystemException | jakarta.transaction.RollbackException e) {
                throw new jakarta.resource.ResourceException(e);
            }
        }

        @Override
        public void onMessage(Message message) {
            try {
                bean.onMessage(message);
            } catch (RuntimeException e) {
                if (begun) {
                    setRollbackOnly();
                }
                throw e;
            }
        }

        private void setRollbackOnly() {
            try {
                transactions.setRollbackOnly();
            } catch (SystemException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void afterDelivery() throws jakarta.resource.ResourceException {
            begun = false;
            try {
                if (transactions.getStatus() == Status.STATUS_MARKED_ROLLBACK) {
                    transactions.rollback();
                } else {
                    transactions.commit();
                }
            } catch (Exception e) {
                throw new jakarta.resource.ResourceException(e);
            }
        }

        @Override
        public void release() {
            open.decrementAndGet();
        }
    }
}
