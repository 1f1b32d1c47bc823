/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting.wire.header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;

class HeaderTest {
    // Seen from rocketmq-client 5.5.0.
    private static ExtFields letters() {
        return new ExtFields()
                .with("a", "tr_p")
                .with("b", "TraceT76738")
                .with("c", "TBW102")
                .with("d", "4")
                .with("e", "1")
                .with("f", "0")
                .with("g", "1795338880243")
                .with("h", "0")
                .with("i", "KEYS\u0001key1\u0002TAGS\u0001tagA")
                .with("j", "0")
                .with("k", "false")
                .with("m", "false")
                .with("n", "broker-1");
    }

    @Test
    void readsTheSendHeaderWithOneLetterNames() {
        SendHeader header = SendHeader.of(request(RequestCode.SEND_MESSAGE_V2, letters()));

        assertThat(header)
                .isEqualTo(new SendHeader(
                        "tr_p",
                        "TraceT76738",
                        "TBW102",
                        4,
                        1,
                        0,
                        1795338880243L,
                        0,
                        "KEYS\u0001key1\u0002TAGS\u0001tagA",
                        0,
                        -1,
                        false));
    }

    @Test
    void readsTheSendHeaderWithLongNames() {
        ExtFields fields = new ExtFields()
                .with("producerGroup", "g")
                .with("topic", "T")
                .with("defaultTopic", "TBW102")
                .with("defaultTopicQueueNums", "8")
                .with("queueId", "-1")
                .with("sysFlag", "1")
                .with("bornTimestamp", "5")
                .with("flag", "9")
                .with("maxReconsumeTimes", "3");

        SendHeader header = SendHeader.of(request(RequestCode.SEND_MESSAGE, fields));

        assertThat(header).isEqualTo(new SendHeader("g", "T", "TBW102", 8, -1, 1, 5, 9, "", 0, 3, false));
    }

    @Test
    void namesTheFieldThatIsMissing() {
        assertThatThrownBy(() -> SendHeader.of(request(RequestCode.SEND_MESSAGE_V2, new ExtFields().with("a", "g"))))
                .isInstanceOfSatisfying(
                        BadRequestException.class, e -> assertThat(e.code()).isEqualTo(ResponseCode.SYSTEM_ERROR))
                .hasMessage("the custom field <b> is null");
    }

    @Test
    void namesTheFieldThatIsNoNumber() {
        assertThatThrownBy(() -> SendHeader.of(
                        request(RequestCode.SEND_MESSAGE_V2, letters().with("e", "99999999999"))))
                .isInstanceOf(BadRequestException.class)
                .hasMessage("the custom field <e> is no number in range: 99999999999");
    }

    @Test
    void fillsInWhatA49ClientDoesNotSendWithAPull() {
        ExtFields fields = new ExtFields()
                .with("consumerGroup", "g")
                .with("topic", "T")
                .with("queueId", "1")
                .with("queueOffset", "7")
                .with("maxMsgNums", "32")
                .with("sysFlag", "2")
                .with("commitOffset", "0")
                .with("suspendTimeoutMillis", "15000")
                .with("subVersion", "1795338416374");

        PullHeader header = PullHeader.of(fields);

        assertThat(header.expressionType()).isEqualTo("TAG");
        assertThat(header.subscription()).isEmpty();
        assertThat(header.maxMsgBytes()).isZero();
        assertThat(header.sysFlag() & PullFlags.SUSPEND).isNotZero();
    }

    private static RemotingCommand request(int code, ExtFields fields) {
        return RemotingCommand.request(code, 1, fields, new byte[0]);
    }
}
