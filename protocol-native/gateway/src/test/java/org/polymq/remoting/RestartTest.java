/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

/** What a stop and a start leave as it was. */
class RestartTest {
    @TempDir
    Path directory;

    @Test
    void keepsMessagesOffsetsAndWhatIsDelayed() throws Exception {
        try (NativeServer server = new NativeServer(directory);
                Frames client = new Frames(server.port())) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.ask(RequestCode.SEND_MESSAGE_V2, send(""), ("m" + i).getBytes(UTF_8))
                                .code())
                        .isZero();
            }
            client.ask(RequestCode.SEND_MESSAGE_V2, send("DELAY\u00011\u0002"), "delayed".getBytes(UTF_8));
            client.ask(
                    RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
                    ExtFields.none(),
                    "{\"groupName\":\"g\"}".getBytes(UTF_8));
            ExtFields commit = queue().with("commitOffset", 2);
            assertThat(client.ask(RequestCode.UPDATE_CONSUMER_OFFSET, commit).code())
                    .isZero();
        }

        try (NativeServer server = new NativeServer(directory);
                Frames client = new Frames(server.port())) {
            assertThat(client.ask(RequestCode.QUERY_CONSUMER_OFFSET, queue())
                            .head()
                            .fields()
                            .string("offset"))
                    .isEqualTo("2");
            Frames.Answer answer = client.ask(RequestCode.PULL_MESSAGE, pull(2));
            assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
            assertThat(answer.body()).contains("m2").doesNotContain("m1");
            await().untilAsserted(() -> assertThat(client.ask(RequestCode.GET_MAX_OFFSET, queue())
                            .head()
                            .fields()
                            .string("offset"))
                    .isEqualTo("4"));
            assertThat(client.ask(RequestCode.PULL_MESSAGE, pull(3)).body()).contains("delayed");
        }
    }

    private static ExtFields queue() {
        return new ExtFields()
                .with("consumerGroup", "g")
                .with("topic", "restarted")
                .with("queueId", 0);
    }

    private static ExtFields pull(long offset) {
        return queue().with("queueOffset", offset)
                .with("maxMsgNums", 32)
                .with("sysFlag", 4)
                .with("commitOffset", 0)
                .with("suspendTimeoutMillis", 15_000)
                .with("subscription", "*")
                .with("subVersion", 1);
    }

    private static ExtFields send(String properties) {
        return new ExtFields()
                .with("a", "g")
                .with("b", "restarted")
                .with("c", "TBW102")
                .with("d", 1)
                .with("e", 0)
                .with("f", 0)
                .with("g", 5)
                .with("h", 0)
                .with("i", properties);
    }
}
