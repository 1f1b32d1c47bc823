/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.cluster.UserConnections.Place;

class UserCountsTest {
    private final UserCounts counts = new UserCounts(2);

    @Test
    void refusesWhatIsOverTheLimitAndCountsNothing() {
        counts.enter("ann", 0);
        counts.enter("ann", 0);

        assertThatThrownBy(() -> counts.enter("ann", 0))
                .isInstanceOfSatisfying(
                        BrokerException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.LIMIT_EXCEEDED))
                .hasMessageContaining("limits.connections-per-user");

        assertThat(counts.of("ann")).isEqualTo(2);
        assertThat(counts.enter("bob", 0)).isEqualTo(1);
    }

    @Test
    void countsWhatIsElsewhere() {
        assertThatThrownBy(() -> counts.enter("ann", 2)).isInstanceOf(BrokerException.class);
        assertThat(counts.enter("ann", 1)).isEqualTo(1);
    }

    @Test
    void givesAPlaceBackOnce() {
        AtomicInteger left = new AtomicInteger();
        counts.enter("ann", 0);
        counts.enter("ann", 0);
        Place place = counts.place("ann", left::incrementAndGet);

        place.leave();
        place.leave();

        assertThat(counts.of("ann")).isEqualTo(1);
        assertThat(left).hasValue(1);
    }

    @Test
    void forgetsWhoHasNoConnection() {
        counts.enter("ann", 0);
        counts.place("ann", () -> {}).leave();

        assertThat(counts.users()).isEmpty();
    }
}
