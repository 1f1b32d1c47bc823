/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OwnAddressTest {
    private final InetAddress network = address("10.0.0.7");
    private final InetAddress ofDebiansName = address("127.0.1.1");

    @Test
    void isWhatTheMachinesNameStandsFor() {
        assertThat(OwnAddress.choose(Optional.of(network), () -> Optional.of(address("10.9.9.9"))))
                .contains(network);
    }

    @Test
    void isNotTheLoopbackThatManySystemsGiveTheirName() {
        assertThat(OwnAddress.choose(Optional.of(ofDebiansName), () -> Optional.of(network)))
                .contains(network);
        assertThat(OwnAddress.choose(Optional.empty(), () -> Optional.of(network)))
                .contains(network);
    }

    @Test
    void isTheLoopbackWhereNoWayLeadsToOthers() {
        assertThat(OwnAddress.choose(Optional.of(ofDebiansName), Optional::empty))
                .contains(ofDebiansName);
        assertThat(OwnAddress.choose(Optional.empty(), Optional::empty)).isEmpty();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
