/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms.gateway;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.polymq.broker.Broker;
import org.polymq.broker.net.Limits;
import org.polymq.broker.net.Listener;
import org.polymq.broker.net.Listeners;
import org.polymq.broker.net.Transport;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.state.Retention;
import org.polymq.storage.Failpoints;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

/** A broker on a directory with a JMS listener on a free loopback port. */
final class TestServer extends JmsServer {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Transport transport = Transport.open(2);
    private final Listeners listeners = new Listeners(transport, Limits.defaults(), registry);
    private final Broker broker;
    private final Listener listener;

    TestServer(Path directory) throws IOException {
        this(open(directory));
    }

    /** A broker that takes messages of 4 MB. */
    static Broker open(Path directory) throws IOException {
        return open(directory, 4 << 20);
    }

    /** A broker that takes messages of so many bytes. */
    static Broker open(Path directory, int largest) throws IOException {
        return Broker.open(
                new Broker.Settings(
                        "TestCluster",
                        new Publisher.Settings(4, largest),
                        new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24))),
                LogConfig.defaults(directory),
                new NioDisk(),
                Clock.systemUTC(),
                Failpoints.NONE);
    }

    /** Serves a broker, and closes it in the end. */
    TestServer(Broker broker) throws IOException {
        this(broker, JmsSettings.defaults(System.nanoTime()));
    }

    /** The same with settings of its own. */
    TestServer(Broker broker, JmsSettings settings) throws IOException {
        this.broker = broker;
        listener = listeners.bind(
                "native",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new JmsProtocol(broker, registry, settings));
    }

    @Override
    Broker broker() {
        return broker;
    }

    @Override
    int port() {
        return listener.port();
    }

    @Override
    double counted(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    @Override
    public void close() {
        listeners.close(Duration.ofSeconds(5));
        broker.close();
        transport.close();
    }
}
