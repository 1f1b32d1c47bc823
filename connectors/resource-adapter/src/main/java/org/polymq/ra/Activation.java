/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkException;
import java.util.ArrayList;
import java.util.List;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.polymq.jms.PolyMQSessionContext;

/**
 * Delivers to one message-driven bean until it is stopped: connects, and connects again when the JMS client gives a
 * connection up, or the broker was not there, or the bean was not. Short breaks the client bridges itself.
 */
final class Activation {
    private static final Logger LOG = Logger.getLogger(Activation.class.getName());

    private final Engine engine;
    private final MessageEndpointFactory endpoints;
    private final PolyMQActivationSpec spec;
    private final Target adapters;
    private final List<Worker> workers = new ArrayList<>(); // guarded by this
    private volatile @Nullable PolyMQSessionContext context; // changed under this
    private @Nullable String lastProblem; // guarded by this
    private final AtomicBoolean attemptComes = new AtomicBoolean();
    private volatile boolean stopped;

    Activation(Engine engine, MessageEndpointFactory endpoints, PolyMQActivationSpec spec, Target adapters) {
        this.engine = engine;
        this.endpoints = endpoints;
        this.spec = spec;
        this.adapters = adapters;
    }

    /** Begins; the server's deployment does not wait for the broker. */
    void start() {
        attemptAfter(0);
    }

    private void attemptAfter(long delay) {
        if (stopped || !attemptComes.compareAndSet(false, true)) {
            return;
        }
        try {
            engine.timer()
                    .schedule(
                            new TimerTask() {
                                @Override
                                public void run() {
                                    schedule();
                                }
                            },
                            delay);
        } catch (IllegalStateException e) {
            LOG.log(Level.FINE, "the adapter stops: {0}", e.getMessage());
        }
    }

    private void schedule() {
        try {
            engine.workManager().scheduleWork(new Attempt());
        } catch (WorkException e) {
            LOG.log(Level.WARNING, "{0}: the server has no thread to connect: {1}", new Object[] {spec, e.getMessage()
            });
            attemptComes.set(false);
            attemptAfter(spec.getReconnectInterval());
        }
    }

    /** Connects once, on a thread of the server. */
    private final class Attempt implements Work {
        @Override
        public void run() {
            attemptComes.set(false);
            if (!connect()) {
                attemptAfter(spec.getReconnectInterval());
            }
        }

        @Override
        public void release() {}
    }

    private synchronized boolean connect() {
        if (stopped) {
            return true;
        }
        disconnect();
        try {
            Consuming consuming = Consuming.of(spec, adapters);
            boolean transacted = endpoints.isDeliveryTransacted(Worker.onMessage());
            PolyMQSessionContext opened = engine.factories().open(consuming.target());
            context = opened;
            XAConnection connection = opened.getXAConnection();
            connection.setExceptionListener(reason -> broken(opened, reason));
            for (int i = 0; i < consuming.sessions(); i++) {
                workers.add(new Worker(engine.workManager(), endpoints, spec, session(connection, transacted)));
            }
            for (Worker worker : workers) {
                worker.open(consuming);
            }
            connection.start();
            LOG.log(Level.INFO, "{0}: {1} sessions deliver to {2}", new Object[] {
                spec, workers.size(), endpoints.getActivationName()
            });
            lastProblem = null;
            return true;
        } catch (ResourceException | JMSException | JMSRuntimeException | NoSuchMethodException e) {
            tell(e);
            disconnect();
            return false;
        }
    }

    private Session session(XAConnection connection, boolean transacted) throws JMSException {
        if (transacted) {
            return connection.createXASession();
        }
        return connection.createSession(spec.isLazy() ? Session.DUPS_OK_ACKNOWLEDGE : Session.AUTO_ACKNOWLEDGE);
    }

    /** The same problem again is not told twice. */
    private synchronized void tell(Exception e) {
        String problem = String.valueOf(e.getMessage());
        Level level = problem.equals(lastProblem) ? Level.FINE : Level.WARNING;
        lastProblem = problem;
        LOG.log(level, "{0}: not connected, tried again every {1} ms: {2}", new Object[] {
            spec, spec.getReconnectInterval(), problem
        });
    }

    /** The client has given a connection or one of its consumers up: each of them is told of. */
    private void broken(PolyMQSessionContext broken, JMSException reason) {
        if (broken != context) {
            return;
        }
        LOG.log(Level.WARNING, "{0}: delivery ended, connecting again: {1}", new Object[] {spec, reason.getMessage()});
        attemptAfter(spec.getReconnectInterval());
    }

    /** Under the lock. */
    private void disconnect() {
        workers.forEach(Worker::close);
        workers.clear();
        PolyMQSessionContext open = context;
        context = null;
        if (open != null) {
            try {
                open.close();
            } catch (JMSRuntimeException e) {
                LOG.log(Level.FINE, "a connection was lost: {0}", e.getMessage());
            }
        }
    }

    /** Ends; messages that the bean is working on are worked off. */
    void stop() {
        stopped = true;
        synchronized (this) {
            disconnect();
        }
    }

    /** For the log. */
    @Override
    public String toString() {
        return "activation of " + spec;
    }
}
