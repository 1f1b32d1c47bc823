/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Destination;

class RouteTest {
    @Test
    void aNameStaysAsItIs() {
        Route route = Route.parse("a/b", "", "");

        assertThat(route.from()).isEqualTo(Destination.topic("a/b"));
        assertThat(route.map(Destination.topic("a/b"))).isEqualTo(Destination.topic("a/b"));
    }

    @Test
    void prefixesAreCutAndPut() {
        Route route = Route.parse("sensors/#", "site/", "far/away/");

        assertThat(route.from()).isEqualTo(Destination.topic("site/sensors/#"));
        assertThat(route.map(Destination.topic("site/sensors/x"))).isEqualTo(Destination.topic("far/away/sensors/x"));
    }

    @Test
    void aTopicIsRenamedWithWhatIsBelowIt() {
        Route route = Route.parse("orders=ORDERS", "", "");

        assertThat(route.map(Destination.topic("orders"))).isEqualTo(Destination.topic("ORDERS"));
        assertThat(route.map(Destination.topic("orders/eu"))).isEqualTo(Destination.topic("ORDERS/eu"));
    }

    @Test
    void aTreeIsRenamed() {
        Route route = Route.parse("a/b/#=c/#", "", "");

        assertThat(route.map(Destination.topic("a/b"))).isEqualTo(Destination.topic("c"));
        assertThat(route.map(Destination.topic("a/b/x/y"))).isEqualTo(Destination.topic("c/x/y"));
    }

    @Test
    void aQueueStaysAQueueOrBecomesATopic() {
        assertThat(Route.parse("$queue/work", "", "x.").map(Destination.queue("work")))
                .isEqualTo(Destination.queue("x.work"));
        assertThat(Route.parse("$queue/work=done", "", "").map(Destination.queue("work")))
                .isEqualTo(Destination.topic("done"));
        assertThat(Route.parse("news=$queue/news", "", "").map(Destination.topic("news")))
                .isEqualTo(Destination.queue("news"));
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        for (String entry : new String[] {
            "a/+/b=c/+/d", "a/#=b", "a=b/#", "a#", "", "$SYS/x", "%DLQ%x", "$queue/a/b", "$temporary-queue/x"
        }) {
            assertThatThrownBy(() -> Route.parse(entry, "", "")).as(entry).isInstanceOf(BrokerException.class);
        }
    }
}
