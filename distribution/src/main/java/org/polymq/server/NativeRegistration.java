/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Transport;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.Registration;
import org.polymq.nameserver.TopicTable;
import org.polymq.remoting.TopicConfigs;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.header.BrokerIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the broker known to the name servers before it says that it is ready. */
final class NativeRegistration {
    private static final Logger log = LoggerFactory.getLogger(NativeRegistration.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private NativeRegistration() {}

    /** Registers, and waits at most 3 s for the answers: a name server that is away must not keep the broker down. */
    static Registration open(
            Transport transport,
            TopicConfigs topics,
            ServerConfig config,
            BrokerProof proof,
            int nativePort,
            List<InetSocketAddress> nameServers) {
        BrokerIdentity identity = identity(config, nativePort, 0);
        Registration registration =
                open(transport, identity, identity.brokerAddr(), topics(topics, 0), proof, nameServers);
        topics.onChange(registration::topicChanged, registration::topicsRemoved);
        await(registration, nameServers);
        return registration;
    }

    /** Registers a node of a group; does not wait. */
    static Registration open(
            Transport transport,
            BrokerIdentity identity,
            String haAddress,
            TopicTable topics,
            BrokerProof proof,
            List<InetSocketAddress> nameServers) {
        return Registration.open(
                transport.workers(),
                nameServers.stream().map(NativeRegistration::reachable).toList(),
                identity,
                haAddress,
                proof,
                topics,
                Registration.INTERVAL);
    }

    /** Who this server is to name servers; id 0 takes messages. */
    static BrokerIdentity identity(ServerConfig config, int nativePort, int id) {
        return new BrokerIdentity(
                config.brokerName(), hostAndPort(config.remoting().advertise(), nativePort), config.clusterName(), id);
    }

    /** The topics of a broker that leads in a term, or 0. */
    static TopicTable topics(TopicConfigs topics, long term) {
        return new Table(topics, term);
    }

    private static void await(Registration registration, List<InetSocketAddress> nameServers) {
        try {
            registration.registered().toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("not all of the name servers {} have answered yet; going on to try", nameServers);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A server that listens on all addresses is reached by this process on the loopback one. */
    private static InetSocketAddress reachable(InetSocketAddress address) {
        return address.getAddress() != null && address.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort())
                : address;
    }

    private static String hostAndPort(InetAddress host, int port) {
        return host.getHostAddress() + ":" + port;
    }

    private record Table(TopicConfigs topics, long term) implements TopicTable {
        @Override
        public DataVersion version() {
            return inTerm(topics.version());
        }

        @Override
        public RegisterBrokerBody snapshot() {
            RegisterBrokerBody all = topics.snapshot();
            return new RegisterBrokerBody(inTerm(all.version()), all.topics(), all.filterServers());
        }

        private DataVersion inTerm(DataVersion version) {
            return new DataVersion(term, version.timestamp(), version.counter());
        }
    }
}
