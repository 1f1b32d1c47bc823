/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import org.junit.jupiter.api.Test;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.TagRange;

class InboxTest {
    /** What a message without body counts. */
    private static final int SIZE = 128;

    private final Inbox inbox = new Inbox(7, 4, 10_000, true);
    private long lastTag;

    private void come(int... priorities) throws JMSException {
        for (int priority : priorities) {
            PolyMQMessage message = new PolyMQMessage();
            message.setJMSPriority(priority);
            lastTag++;
            inbox.add(new Deliver(7, lastTag, 1, message.toWire(new PolyMQQueue("q"))), lastTag);
        }
    }

    private long handOver() {
        return requireNonNull(inbox.poll()).tag();
    }

    private static TagRange tags(long first, long last) {
        return new TagRange(7, first, last);
    }

    @Test
    void asksForMoreWhenHalfTheWindowIsUsed() throws JMSException {
        come(4, 4, 4, 4, 4);
        handOver();
        assertThat(inbox.flowDue()).isNull();

        handOver();
        assertThat(inbox.flowDue()).isEqualTo(new Flow(7, 2, 4, 10_000));
        assertThat(inbox.flowDue()).isNull();
    }

    @Test
    void knowsWhatWasHandedOverAndNotSettled() throws JMSException {
        come(4, 4, 4);
        assertThat(inbox.unsettled()).isEmpty();
        handOver();
        handOver();
        assertThat(inbox.unsettled()).containsExactly(tags(1, 2));

        inbox.settle();
        handOver();

        assertThat(inbox.unsettled()).containsExactly(tags(3, 3));
    }

    @Test
    void whatIsPutBackWasNeverHandedOver() throws JMSException {
        come(4, 4);
        handOver();
        Deliver second = requireNonNull(inbox.poll());

        inbox.putBack(second);

        assertThat(inbox.unsettled()).containsExactly(tags(1, 1));
        assertThat(inbox.flow(4)).isEqualTo(new Flow(7, 1, 4, 10_000));
        assertThat(inbox.poll()).isSameAs(second);
    }

    @Test
    void aHigherPriorityOvertakesWhatWaits() throws JMSException {
        come(4, 4, 9, 0, 9);

        assertThat(new long[] {handOver(), handOver(), handOver(), handOver(), handOver()})
                .containsExactly(3, 5, 1, 2, 4);
        assertThat(inbox.poll()).isNull();
    }

    @Test
    void whatOvertookIsAllowedForUntilTheOthersAreHandedOverToo() throws JMSException {
        come(4, 4, 9);
        handOver();
        assertThat(inbox.flow(4)).isEqualTo(new Flow(7, 0, 4 + 1, 10_000 + SIZE));
        assertThat(inbox.unsettled()).containsExactly(tags(3, 3));

        handOver();
        assertThat(inbox.flow(4)).isEqualTo(new Flow(7, 1, 4 + 1, 10_000 + SIZE));
        assertThat(inbox.unsettled()).containsExactly(tags(1, 1), tags(3, 3));

        handOver();
        assertThat(inbox.flow(4)).isEqualTo(new Flow(7, 3, 4, 10_000));
        assertThat(inbox.unsettled()).containsExactly(tags(1, 3));
    }

    @Test
    void whatOvertookAndIsPutBackOvertakesAgain() throws JMSException {
        come(4, 9);
        Deliver high = requireNonNull(inbox.poll());

        inbox.putBack(high);

        assertThat(inbox.flow(4)).isEqualTo(new Flow(7, 0, 4, 10_000));
        assertThat(inbox.unsettled()).isEmpty();
        assertThat(inbox.poll()).isSameAs(high);
        assertThat(handOver()).isEqualTo(1);
    }

    @Test
    void theBrokerStopsSendingWhenAMessageIsOvertakenByTooMany() throws JMSException {
        come(0);
        for (int i = 0; i < 30; i++) {
            come(9);
            handOver();
        }

        assertThat(inbox.flow(4).messages()).isEqualTo(4 + 4 * 4);
        assertThat(handOver()).isEqualTo(1);
        assertThat(inbox.flow(4)).isEqualTo(new Flow(7, 31, 4, 10_000));
    }

    @Test
    void settlesWhatWasHandedOverFirst() throws JMSException {
        come(0, 9, 5);
        handOver();
        handOver();
        inbox.settle(1);

        assertThat(inbox.unsettled()).containsExactly(tags(3, 3));
    }

    @Test
    void aTopicsMessagesKeepTheirOrder() throws JMSException {
        Inbox topic = new Inbox(7, 4, 10_000, false);
        for (int priority : new int[] {0, 9}) {
            PolyMQMessage message = new PolyMQMessage();
            message.setJMSPriority(priority);
            lastTag++;
            topic.add(new Deliver(7, lastTag, 1, message.toWire(new PolyMQTopic("t"))), lastTag);
        }

        assertThat(requireNonNull(topic.poll()).tag()).isEqualTo(1);
    }
}
