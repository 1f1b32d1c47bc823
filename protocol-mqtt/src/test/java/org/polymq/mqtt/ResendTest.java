/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent again, byte by byte: MQTT 3.1.1 and 5.0, 4.3 and 4.4. */
class ResendTest {
    /** CONNECT of 3.1.1 without clean session as the client {@code s}. */
    private static final String CONNECT = "100d 0004 4d515454 04 00 003c 0001 73";

    @TempDir
    Path directory;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart() throws IOException {
        server.close();
        start();
    }

    private RawClient connect(boolean present) throws IOException {
        return new RawClient(server.port()).send(CONNECT).expect(present ? "20020100" : "20020000");
    }

    private RawClient other() throws IOException {
        return new RawClient(server.port()).connect311();
    }

    @Test
    void storesAQos2MessageOnceHoweverOftenItsPublisherSendsItAcrossARestart() throws IOException {
        try (RawClient publisher = connect(false)) {
            publisher.send("340a 0003 612f62 0007 686930").expect("50020007");
            publisher.send("3c0a 0003 612f62 0007 686930").expect("50020007");
        }
        try (RawClient subscriber = connect(true)) {
            // Subscribed after the first copy: a second one would be seen.
            subscriber.send("8208 0001 0003 612f62 02").expect("9003 0001 02");
        }
        restart();
        try (RawClient publisher = connect(true)) {
            publisher.send("3c0a 0003 612f62 0007 686930").expect("50020007");
            publisher.send("6202 0007").expect("70020007");
            publisher.send("6202 0007").expect("70020007");
            publisher.send("340a 0003 612f62 0007 686931").expect("50020007").expect("340a 0003 612f62 0001 686931");
        }
    }

    @Test
    void sendsAQos2MessageAgainUnderItsIdentifierAndNeverAfterItWasReceived() throws IOException {
        try (RawClient subscriber = connect(false)) {
            subscriber.send("8208 0001 0003 612f62 02").expect("9003 0001 02");
            publishQos2("686930");
            subscriber.expect("340a 0003 612f62 0001 686930");
        }
        restart();
        try (RawClient subscriber = connect(true)) {
            subscriber.expect("3c0a 0003 612f62 0001 686930");
            subscriber.send("5002 0001").expect("6202 0001");
        }
        restart();
        try (RawClient subscriber = connect(true)) {
            subscriber.expect("6202 0001").send("7002 0001").send("c000").expect("d000");
        }
        restart();
        try (RawClient subscriber = connect(true)) {
            subscriber.send("c000").expect("d000");
            publishQos2("686931");
            assertThat(subscriber.packet()).startsWith("340a0003612f62").endsWith("686931");
        }
    }

    private void publishQos2(String payload) throws IOException {
        try (RawClient publisher = other()) {
            publisher.send("340a 0003 612f62 0009" + payload).expect("50020009");
            publisher.send("62020009").expect("70020009");
        }
    }

    @Test
    void sendsAQos1MessageAgainUnderItsIdentifierWhileTheBrokerRuns() throws IOException {
        try (RawClient subscriber = connect(false)) {
            subscriber.send("8208 0001 0003 612f62 01").expect("9003 0001 01");
            try (RawClient publisher = other()) {
                publisher.send("320a 0003 612f62 0009 686930").expect("40020009");
                publisher.send("320a 0003 612f62 000a 686931").expect("4002000a");
            }
            subscriber.expect("320a 0003 612f62 0001 686930").expect("320a 0003 612f62 0002 686931");
            subscriber.send("4002 0001").send("c000").expect("d000");
        }
        try (RawClient subscriber = connect(true)) {
            subscriber.expect("3a0a 0003 612f62 0002 686931");
            subscriber.send("4002 0002").send("c000").expect("d000");
        }
        try (RawClient subscriber = connect(true)) {
            subscriber.send("c000").expect("d000");
        }
    }

    @Test
    void isDoneWithAMessageThatA5ClientRefuses() throws IOException {
        String connect5 = "1013 0004 4d515454 05 00 003c 05 11 00000064 0001 76";
        try (RawClient subscriber = new RawClient(server.port())) {
            subscriber.send(connect5);
            assertThat(subscriber.packet()).startsWith("20");
            subscriber.send("8209 0001 00 0003 612f62 02").expect("9004 0001 00 02");
            publishQos2("686930");
            subscriber.expect("340b 0003 612f62 0001 00 686930").send("5003 0001 80");
            subscriber.send("c000").expect("d000");
        }
        try (RawClient subscriber = new RawClient(server.port())) {
            subscriber.send(connect5);
            assertThat(subscriber.packet()).startsWith("20");
            subscriber.send("c000").expect("d000");
        }
    }

    @Test
    void sendsARetainedQos1MessageAgainAsRetainedAlsoAfterARestart() throws IOException {
        try (RawClient publisher = other()) {
            publisher.send("330a 0003 612f62 0001 686930").expect("40020001");
        }
        try (RawClient subscriber = connect(false)) {
            subscriber.send("8208 0001 0003 612f62 01").expect("9003 0001 01").expect("330a 0003 612f62 0001 686930");
        }
        try (RawClient subscriber = connect(true)) {
            subscriber.expect("3b0a 0003 612f62 0001 686930");
        }
        restart();
        try (RawClient subscriber = connect(true)) {
            subscriber
                    .expect("3b0a 0003 612f62 0001 686930")
                    .send("4002 0001")
                    .send("c000")
                    .expect("d000");
        }
        try (RawClient subscriber = connect(true)) {
            subscriber.send("c000").expect("d000");
        }
    }

    @Test
    void keepsTheIdentifierOfARetainedQos2MessageUntilTheClientIsDoneWithIt() throws IOException {
        try (RawClient publisher = other()) {
            publisher.send("350a 0003 612f62 0009 686930").expect("50020009");
            publisher.send("62020009").expect("70020009");
        }
        try (RawClient subscriber = connect(false)) {
            subscriber.send("8208 0001 0003 612f62 02").expect("9003 0001 02");
            subscriber.expect("350a 0003 612f62 0001 686930").send("5002 0001").expect("6202 0001");
        }
        restart();
        try (RawClient subscriber = connect(true)) {
            subscriber.expect("6202 0001").send("7002 0001").send("c000").expect("d000");
        }
        restart();
        try (RawClient subscriber = connect(true)) {
            subscriber.send("c000").expect("d000");
        }
    }

    @Test
    void refusesAReleaseThatComesBeforeTheMessageIsStored() throws IOException {
        try (RawClient publisher = connect(false)) {
            publisher.send("340a 0003 612f62 0007 686930 6202 0007");
            publisher.expectClosed();
        }
        try (RawClient publisher = connect(true)) {
            publisher.send("3c0a 0003 612f62 0007 686930").expect("50020007");
            publisher.send("6202 0007").expect("70020007");
        }
    }
}
