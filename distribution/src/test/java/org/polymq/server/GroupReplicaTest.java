/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.polymq.remoting.Replica;

class GroupReplicaTest {
    @Test
    void sendsConsumersThatAreFarBehindToTheNodesThatFollowQueueByQueue() {
        Replica leader = GroupReplica.leading(1_000, () -> List.of(2, 3));

        assertThat(leader.readFrom(0, () -> 999)).isZero();
        assertThat(leader.readFrom(0, () -> 1_000)).isEqualTo(2);
        assertThat(leader.readFrom(1, () -> 1_000)).isEqualTo(3);
        assertThat(leader.lags()).isFalse();
    }

    @Test
    void hasThemComeBackAtHalfTheDistance() {
        Replica follower = GroupReplica.following(1_000, 2);

        assertThat(follower.readFrom(7, () -> 500)).isEqualTo(2);
        assertThat(follower.readFrom(7, () -> 499)).isZero();
        assertThat(follower.lags()).isTrue();
    }

    @Test
    void sendsNobodyAwayWhenItIsNotToOrNobodyFollows() {
        assertThat(GroupReplica.leading(0, () -> List.of(2)).readFrom(0, () -> Long.MAX_VALUE))
                .isZero();
        assertThat(GroupReplica.leading(1, List::of).readFrom(0, () -> Long.MAX_VALUE))
                .isZero();
    }
}
