/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.function.Supplier;

/** By which address other machines reach this one, as far as it can tell. */
final class OwnAddress {
    /** For documentation, so nobody's. */
    private static final String ELSEWHERE = "192.0.2.1";

    private static final int ANY_PORT = 9;

    private OwnAddress() {}

    /** Empty if this machine neither has a name of its own nor a way to others. */
    static Optional<InetAddress> find() {
        return choose(named(), OwnAddress::towardsOthers);
    }

    /**
     * That of the machine's name; but many systems give their name to a loopback address, and some to none: then the
     * one that leads to others.
     */
    static Optional<InetAddress> choose(Optional<InetAddress> named, Supplier<Optional<InetAddress>> towardsOthers) {
        if (named.isPresent() && !named.get().isLoopbackAddress()) {
            return named;
        }
        return towardsOthers.get().or(() -> named);
    }

    private static Optional<InetAddress> named() {
        try {
            return Optional.of(InetAddress.getLocalHost());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** From where the system would send to other machines; nothing is sent. */
    private static Optional<InetAddress> towardsOthers() {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(InetAddress.getByName(ELSEWHERE), ANY_PORT);
            InetAddress own = socket.getLocalAddress();
            return own.isAnyLocalAddress() || own.isLoopbackAddress() ? Optional.empty() : Optional.of(own);
        } catch (IOException | UncheckedIOException noWay) {
            return Optional.empty();
        }
    }
}
