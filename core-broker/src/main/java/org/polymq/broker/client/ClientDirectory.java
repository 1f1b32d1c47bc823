/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.client;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.net.ClientAddress;

/**
 * The clients that are connected, of all protocols. An adapter adds a connection when its client has said who it is; it
 * leaves by itself when the connection ends. Safe from any thread.
 */
public final class ClientDirectory {
    private final InstantSource clock;
    private final Map<Channel, ConnectedClient> byChannel = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();

    public ClientDirectory(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Notes a connection. One that is known already keeps its id and time, and gets the rest anew; nothing happens if
     * protocol, client id and user are the same as before.
     *
     * @param ending ends the connection; runs on any thread
     */
    public void add(
            Channel channel,
            String protocol,
            String clientId,
            String user,
            Supplier<Map<String, String>> details,
            Runnable ending) {
        ConnectedClient before = byChannel.get(channel);
        if (before != null
                && before.protocol().equals(protocol)
                && before.clientId().equals(clientId)
                && before.user().equals(user)) {
            return;
        }
        ConnectedClient client = new ConnectedClient(
                before == null ? "c" + next.incrementAndGet() : before.id(),
                protocol,
                clientId,
                user,
                address(ClientAddress.of(channel)),
                before == null ? clock.millis() : before.connectedAt(),
                details,
                ending);
        if (byChannel.put(channel, client) == null) {
            channel.closeFuture().addListener(closed -> byChannel.remove(channel));
        }
    }

    /** Everybody; a live, read-only view. */
    public Collection<ConnectedClient> all() {
        return Collections.unmodifiableCollection(byChannel.values());
    }

    /** The connection of this id, if it still lasts. */
    public Optional<ConnectedClient> find(String id) {
        return byChannel.values().stream()
                .filter(client -> client.id().equals(id))
                .findAny();
    }

    private static String address(@Nullable InetSocketAddress address) {
        return address == null ? "" : address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
