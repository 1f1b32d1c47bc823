/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.ra.ConnectionHandle.Child;
import org.polymq.ra.ConnectionHandle.Domain;

/**
 * Stands before a JMS object of a pooled connection: the object ends with the application's handle, closing it leaves
 * the pooled session open, and what a container forbids is refused.
 */
final class Guard implements InvocationHandler, Child {
    private static final Set<String> OF_TOPICS = Set.of(
            "createTopic",
            "createTemporaryTopic",
            "createDurableSubscriber",
            "createDurableConsumer",
            "createSharedConsumer",
            "createSharedDurableConsumer",
            "unsubscribe");
    private static final Set<String> OF_QUEUES = Set.of("createQueue", "createTemporaryQueue", "createBrowser");

    /** What is guarded, and what containers forbid of it (Jakarta Messaging 3.1, 12.3 and the methods' own pages). */
    @SuppressWarnings("ImmutableEnumChecker") // the sets are immutable
    private enum Kind {
        SESSION(
                Set.of("getMessageListener", "setMessageListener", "run", "commit", "rollback", "recover"),
                QueueSession.class,
                TopicSession.class),
        CONSUMER(Set.of("getMessageListener", "setMessageListener"), QueueReceiver.class, TopicSubscriber.class),
        PRODUCER(Set.of(), QueueSender.class, TopicPublisher.class),
        BROWSER(Set.of(), QueueBrowser.class),
        CONTEXT(
                Set.of(
                        "createContext",
                        "setClientID",
                        "getExceptionListener",
                        "setExceptionListener",
                        "stop",
                        "commit",
                        "rollback",
                        "recover"),
                JMSContext.class),
        CONTEXT_CONSUMER(Set.of("getMessageListener", "setMessageListener"), JMSConsumer.class),
        CONTEXT_PRODUCER(Set.of("setAsync"), JMSProducer.class);

        private final Set<String> forbidden;
        private final Class<?>[] views;

        Kind(Set<String> forbidden, Class<?>... views) {
            this.forbidden = forbidden;
            this.views = views;
        }

        static @Nullable Kind of(@Nullable Object object) {
            if (object instanceof MessageConsumer) {
                return CONSUMER;
            } else if (object instanceof MessageProducer) {
                return PRODUCER;
            } else if (object instanceof QueueBrowser) {
                return BROWSER;
            } else if (object instanceof JMSConsumer) {
                return CONTEXT_CONSUMER;
            }
            return object instanceof JMSProducer ? CONTEXT_PRODUCER : null;
        }

        private boolean isSimplified() {
            return this == CONTEXT || this == CONTEXT_CONSUMER || this == CONTEXT_PRODUCER;
        }
    }

    private final ConnectionHandle handle;
    private final ConnectionHandle lent; // a server that misses it takes the connection back
    private final Kind kind;
    private final Object target;
    private volatile boolean closed;

    private Guard(ConnectionHandle handle, ConnectionHandle lent, Kind kind, Object target) {
        this.handle = handle;
        this.lent = lent;
        this.kind = kind;
        this.target = target;
    }

    static Session session(ConnectionHandle handle, Session target) {
        return (Session) before(handle, handle, Kind.SESSION, target);
    }

    /**
     * A context, which stands for its connection.
     *
     * @param lent the handle as the server gave it out
     */
    static JMSContext context(ConnectionHandle handle, ConnectionHandle lent, JMSContext target) {
        return (JMSContext) before(handle, lent, Kind.CONTEXT, target);
    }

    private static Object before(ConnectionHandle handle, ConnectionHandle lent, Kind kind, Object target) {
        Guard guard = new Guard(handle, lent, kind, target);
        if (kind != Kind.CONTEXT_PRODUCER) {
            handle.add(guard);
        }
        return Proxy.newProxyInstance(Guard.class.getClassLoader(), kind.views, guard);
    }

    static JMSException forbidden(String call) {
        return new IllegalStateException(
                call + " is not for applications in a container (Jakarta Messaging 3.1, 12.3)");
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        String call = method.getName();
        if (method.getDeclaringClass() == Object.class) {
            return switch (call) {
                case "equals" -> arguments != null && arguments[0] == proxy;
                case "hashCode" -> System.identityHashCode(proxy);
                default -> target.toString();
            };
        }
        if (call.equals("close")) {
            closeByApplication();
            return null;
        }
        if (closed || handle.isClosed()) {
            throw thrown(new IllegalStateException("it is closed, or its connection is"));
        }
        check(method, arguments);
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
        return result == target ? proxy : guarded(result);
    }

    private void check(Method method, @Nullable Object @Nullable [] arguments) throws Exception {
        String call = method.getName();
        boolean endsAsync = call.equals("setAsync") && arguments != null && arguments[0] == null;
        boolean isAsync = Set.of(method.getParameterTypes()).contains(CompletionListener.class);
        if ((kind.forbidden.contains(call) || isAsync) && !endsAsync) {
            throw thrown(forbidden(call));
        }
        if (kind == Kind.SESSION && handle.domain() == Domain.QUEUES && OF_TOPICS.contains(call)) {
            throw new IllegalStateException(call + " is not for a QueueSession");
        }
        if (kind == Kind.SESSION && handle.domain() == Domain.TOPICS && OF_QUEUES.contains(call)) {
            throw new IllegalStateException(call + " is not for a TopicSession");
        }
    }

    /** As the API of the object has it. */
    private Exception thrown(JMSException failure) {
        return kind.isSimplified()
                ? new IllegalStateRuntimeException(failure.getMessage(), failure.getErrorCode(), failure)
                : failure;
    }

    private @Nullable Object guarded(@Nullable Object result) {
        Kind made = Kind.of(result);
        if (made != null && result != null) {
            return before(handle, handle, made, result);
        }
        // They would live as long as the pooled connection.
        if (result instanceof TemporaryQueue queue) {
            handle.add(queue::delete);
        } else if (result instanceof TemporaryTopic topic) {
            handle.add(topic::delete);
        }
        return result;
    }

    private void closeByApplication() throws Exception {
        handle.remove(this);
        if (kind == Kind.CONTEXT) {
            lent.close();
        } else if (kind == Kind.SESSION) {
            handle.closeChildren();
        }
        close();
    }

    @Override
    public void close() throws JMSException {
        if (closed) {
            return;
        }
        closed = true;
        if (target instanceof MessageConsumer consumer) {
            consumer.close();
        } else if (target instanceof MessageProducer producer) {
            producer.close();
        } else if (target instanceof QueueBrowser browser) {
            browser.close();
        } else if (target instanceof JMSConsumer consumer) {
            consumer.close();
        }
    }
}
