/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void leavesTheNameOfANameServerToEachConnection() {
        InetSocketAddress server = Ports.nameServer("localhost:9876");

        assertThat(server.isUnresolved()).isTrue();
        assertThat(server.getHostString()).isEqualTo("localhost");
        assertThat(server.getPort()).isEqualTo(9876);
    }

    @Test
    void takesAddressesAsTheyAre() {
        assertThat(Ports.nameServer("127.0.0.1:9876").getAddress().getAddress()).containsExactly(127, 0, 0, 1);
        assertThat(Ports.nameServer("[::1]:9876").getAddress().isLoopbackAddress())
                .isTrue();
    }
}
