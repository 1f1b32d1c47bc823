/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ResourceAllocationException;
import jakarta.resource.spi.SecurityException;
import java.util.HashMap;
import java.util.Map;
import org.polymq.jms.PolyMQSessionContext;
import org.polymq.jms.PolyMQXAConnectionFactory;

/**
 * The JMS client's factories, one for each URL: all connections to it share one network thread. Safe from any thread.
 */
final class Factories implements AutoCloseable {
    private final Map<String, PolyMQXAConnectionFactory> byUrl = new HashMap<>(); // guarded by this

    private synchronized PolyMQXAConnectionFactory of(String url) {
        return byUrl.computeIfAbsent(url, PolyMQXAConnectionFactory::new);
    }

    /** Opens a connection with one session. */
    PolyMQSessionContext open(Target target) throws ResourceException {
        ClassLoader applications = Thread.currentThread().getContextClassLoader();
        // The client's threads live longer than the application that happens to need the first connection.
        Thread.currentThread().setContextClassLoader(Factories.class.getClassLoader());
        try {
            PolyMQXAConnectionFactory factory = of(target.url());
            Login login = target.login();
            PolyMQSessionContext context = login.user() == null
                    ? factory.createXAContext()
                    : factory.createXAContext(login.user(), login.password());
            try {
                context.getXASession();
            } catch (JMSException e) {
                context.close();
                throw e;
            }
            return context;
        } catch (JMSSecurityRuntimeException e) {
            throw new SecurityException(e.getMessage(), e);
        } catch (JMSRuntimeException | JMSException | IllegalArgumentException e) {
            throw new ResourceAllocationException(e.getMessage(), e);
        } finally {
            Thread.currentThread().setContextClassLoader(applications);
        }
    }

    @Override
    public synchronized void close() {
        byUrl.values().forEach(PolyMQXAConnectionFactory::close);
        byUrl.clear();
    }
}
