/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import java.util.List;
import org.polymq.broker.Broker;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.jms.PolyMQXAConnectionFactory;

/** What JMS clients of the tests connect to: one broker, or a gateway to several. */
abstract class JmsServer implements AutoCloseable {
    /** The broker, or the first of several. */
    abstract Broker broker();

    /** The broker in which a queue is. */
    Broker brokerOf(String queue) {
        return broker();
    }

    List<Broker> brokers() {
        return List.of(broker());
    }

    abstract int port();

    abstract double counted(String name, String... tags);

    PolyMQConnectionFactory factory() {
        return factory("");
    }

    /** A factory with URL options, such as {@code prefetch=1&clientId=c}. */
    PolyMQConnectionFactory factory(String options) {
        return new PolyMQConnectionFactory("polymq://127.0.0.1:" + port() + "?" + options);
    }

    /** A factory of connections for a transaction manager. */
    PolyMQXAConnectionFactory xaFactory() {
        return xaFactory("");
    }

    /** The same with URL options. */
    PolyMQXAConnectionFactory xaFactory(String options) {
        return new PolyMQXAConnectionFactory("polymq://127.0.0.1:" + port() + "?" + options);
    }

    @Override
    public abstract void close();
}
