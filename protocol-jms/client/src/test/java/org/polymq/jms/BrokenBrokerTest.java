/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.polymq.jms.wire.Frame.CloseSession;

/** What applications see of brokers that do not answer, answer late or go away. */
@Timeout(20)
class BrokenBrokerTest {
    @RepeatedTest(20)
    void closingIsQuietWhenTheBrokerGoesAwayMeanwhile() throws IOException, JMSException, InterruptedException {
        try (FakeBroker broker = new FakeBroker(request -> {
            if (request.frame() instanceof CloseSession) {
                throw new EOFException();
            }
            return FakeBroker.ok(request);
        })) {
            Connection connection = broker.factory("").createConnection();
            connection.createSession();

            assertThatCode(connection::close).doesNotThrowAnyException();
            assertThat(broker.awaitEnd()).isTrue();
        }
    }
}
