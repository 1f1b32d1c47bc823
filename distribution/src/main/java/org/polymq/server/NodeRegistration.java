/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.net.Transport;
import org.polymq.nameserver.BrokerProof;
import org.polymq.nameserver.Registration;

/** What name servers know of a node of a group: its id, which is 0 while it leads, and its topics. */
final class NodeRegistration implements AutoCloseable {
    /** How long a node that does not lead any more stays known as the one that did, unless another is known. */
    private static final Duration UNKNOWN_LEADER = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 20;

    private final ServerConfig config;
    private final Transport transport;
    private final int nativePort;
    private final Registration registration;
    private final AtomicReference<NodeRole> role;

    private NodeRegistration(
            ServerConfig config, Transport transport, int nativePort, Registration registration, NodeRole role) {
        this.config = config;
        this.transport = transport;
        this.nativePort = nativePort;
        this.registration = registration;
        this.role = new AtomicReference<>(role);
    }

    /** Registers a node in its first role; does not wait. */
    static NodeRegistration open(
            ServerConfig config,
            Transport transport,
            int nativePort,
            List<InetSocketAddress> nameServers,
            NodeRole role,
            BrokerProof proof) {
        return new NodeRegistration(
                config,
                transport,
                nativePort,
                NativeRegistration.open(
                        transport,
                        NativeRegistration.identity(config, nativePort, role.brokerId()),
                        config.cluster().self().host() + ":"
                                + config.cluster().self().port(),
                        role.topics(),
                        proof,
                        nameServers),
                role);
    }

    /**
     * The node has another role.
     *
     * @param servedElsewhere whether another node is known that leads and serves clients
     */
    void become(NodeRole next, BooleanSupplier servedElsewhere) {
        NodeRole before = role.getAndSet(next);
        if (next.term() == 0 && before.term() != 0) {
            registerWhen(servedElsewhere, next, System.nanoTime() + UNKNOWN_LEADER.toNanos());
        } else {
            register(next);
        }
    }

    /**
     * The next leader takes id 0 from this one at the name servers. If this one gave it up before, clients that ask in
     * between would find no leader and fail; so they come here, and wait to be passed on.
     */
    private void registerWhen(BooleanSupplier servedElsewhere, NodeRole as, long deadline) {
        if (role.get() != as) {
            return;
        }
        if (servedElsewhere.getAsBoolean() || System.nanoTime() > deadline) {
            register(as);
            return;
        }
        var unused = transport
                .workers()
                .schedule(() -> registerWhen(servedElsewhere, as, deadline), LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void register(NodeRole as) {
        registration.become(NativeRegistration.identity(config, nativePort, as.brokerId()), as.topics());
    }

    /** Has name servers told of the topics of a node that leads when they change. */
    void follow(Leading leading) {
        leading.topicConfigs().onChange(registration::topicChanged, registration::topicsRemoved);
    }

    @Override
    public void close() {
        registration.close();
    }
}
