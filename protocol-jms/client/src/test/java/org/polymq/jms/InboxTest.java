/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.polymq.jms.wire.Frame.Deliver;
import org.polymq.jms.wire.Frame.Flow;
import org.polymq.jms.wire.Frame.Handed;
import org.polymq.jms.wire.Frame.TagRange;

class InboxTest {
    private final Inbox inbox = new Inbox(7, 4, 1000);

    @BeforeEach
    void fiveDeliveries() throws JMSException {
        for (int tag = 1; tag <= 5; tag++) {
            inbox.add(new Deliver(7, tag, 1, new PolyMQMessage().toWire(new PolyMQQueue("q"))), tag);
        }
    }

    @Test
    void asksForMoreWhenHalfTheWindowIsUsed() {
        inbox.poll();
        assertThat(inbox.flowDue()).isNull();

        inbox.poll();
        assertThat(inbox.flowDue()).isEqualTo(new Flow(7, 2, 4, 1000));
        assertThat(inbox.flowDue()).isNull();
    }

    @Test
    void knowsWhatWasHandedOverAndNotSettled() {
        assertThat(inbox.unsettled()).isNull();
        inbox.poll();
        inbox.poll();
        assertThat(inbox.unsettled()).isEqualTo(new TagRange(7, 1, 2));

        inbox.settle();
        inbox.poll();

        assertThat(inbox.unsettled()).isEqualTo(new TagRange(7, 3, 3));
        assertThat(inbox.handed()).isEqualTo(new Handed(7, 3));
    }

    @Test
    void whatIsPutBackWasNeverHandedOver() {
        inbox.poll();
        Deliver second = requireNonNull(inbox.poll());

        inbox.putBack(second);

        assertThat(inbox.handed()).isEqualTo(new Handed(7, 1));
        assertThat(inbox.poll()).isSameAs(second);
    }
}
