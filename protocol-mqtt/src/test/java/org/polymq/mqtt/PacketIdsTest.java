/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.polymq.broker.cluster.Placement;

class PacketIdsTest {
    @Test
    void areAllOfThemForAGroupThatIsAlone() {
        assertThat(PacketIds.ALL.count()).isEqualTo(65_535);
        assertThat(PacketIds.ALL.after(0)).isEqualTo(1);
        assertThat(PacketIds.ALL.after(65_535)).isEqualTo(1);
    }

    @Test
    void areSharedOutAmongTheGroupsWithoutOneLeftOver() {
        Set<Integer> seen = new HashSet<>();
        for (int slot = 0; slot < Placement.MOST_GROUPS; slot++) {
            PacketIds ids = PacketIds.of(slot);
            int id = 0;
            for (int i = 0; i < ids.count(); i++) {
                id = ids.after(id);
                assertThat(PacketIds.slotOf(id)).isEqualTo(slot);
                assertThat(seen.add(id)).isTrue();
            }
            assertThat(ids.after(id)).isEqualTo(slot + 1);
        }
        assertThat(seen).hasSize(65_535);
    }

    @Test
    void areRefusedToAGroupThatThereCannotBe() {
        assertThatThrownBy(() -> PacketIds.of(16)).hasMessageContaining("slot 16");
    }
}
