/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are sent to another server: MQTT 5, 4.11. */
class RedirectTest {
    private static final String REFERENCE = "1c" + text("other:1883");

    @TempDir
    Path directory;

    private TestServer server(Redirect redirect) throws IOException {
        return new TestServer(
                directory, MqttConfig.defaults().withOffers(MqttConfig.Offers.DEFAULT.withRedirect(redirect)), 0);
    }

    @Test
    void namesTheOtherServerForNowOrForGood() throws IOException {
        try (TestServer server = server(Redirect.temporary("other:1883"));
                RawClient client = new RawClient(server.port())) {
            client.send(connect5("c", true))
                    .expect(packet("20", "009c", properties(REFERENCE)))
                    .expectClosed();
        }
        try (TestServer server = server(Redirect.permanent("other:1883"));
                RawClient client = new RawClient(server.port())) {
            client.send(connect5("c", true))
                    .expect(packet("20", "009d", properties(REFERENCE)))
                    .expectClosed();
        }
    }

    @Test
    void tellsA311ClientThatThisServerIsUnavailable() throws IOException {
        try (TestServer server = server(Redirect.temporary("other:1883"));
                RawClient client = new RawClient(server.port())) {
            client.send(connect311("c", true)).expect("20020003").expectClosed();
        }
    }

    @Test
    void leavesTheNameOutWhereTheClientTakesNoSuchPacket() throws IOException {
        try (TestServer server = server(Redirect.temporary("other:1883"));
                RawClient client = new RawClient(server.port())) {
            client.send(connect5("c", true, "27" + u32(10)))
                    .expect("2003009c00")
                    .expectClosed();
        }
    }

    @Test
    void sendsConnectedClientsAwayWhenItStops() throws IOException {
        TestServer server = server(Redirect.atStop("other:1883"));
        try (RawClient client = new RawClient(server.port())) {
            client.connect5();

            server.close();

            client.expect(packet("e0", "9c", properties(REFERENCE))).expectClosed();
        }
    }
}
