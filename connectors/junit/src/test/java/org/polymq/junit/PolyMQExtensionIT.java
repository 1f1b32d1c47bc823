/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;

/** How long a broker lives, by how the extension is registered. */
class PolyMQExtensionIT {
    private static final List<String> URLS = new ArrayList<>();

    @BeforeEach
    void forget() {
        URLS.clear();
    }

    @Test
    void aStaticFieldHasOneBrokerForTheClassAndItsNestedClasses() {
        run(OneForAll.class, 3);

        assertThat(new HashSet<>(URLS)).hasSize(1);
        assertThatThrownBy(OneForAll.POLYMQ::broker).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInstanceFieldHasOneForEachTest() {
        run(OneForEach.class, 2);

        assertThat(new HashSet<>(URLS)).hasSize(2);
    }

    @Test
    void aTestMayTakeTheBrokerAsAParameter() {
        run(AsParameter.class, 1);

        assertThat(URLS).hasSize(1);
    }

    private static void run(Class<?> tests, int number) {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .execute()
                .testEvents()
                .assertStatistics(statistics -> statistics.started(number).succeeded(number));
    }

    static class OneForAll {
        @RegisterExtension
        static final PolyMQExtension POLYMQ = new PolyMQExtension().with("broker.name", "shared");

        @Test
        void first() {
            URLS.add(POLYMQ.broker().jmsUrl());
        }

        @Test
        void second() {
            URLS.add(POLYMQ.broker().jmsUrl());
        }

        @Nested
        class Inner {
            @Test
            void third() {
                URLS.add(POLYMQ.broker().jmsUrl());
            }
        }
    }

    static class OneForEach {
        @RegisterExtension
        final PolyMQExtension polymq = new PolyMQExtension();

        @Test
        void first() {
            URLS.add(polymq.broker().jmsUrl());
        }

        @Test
        void second() {
            URLS.add(polymq.broker().jmsUrl());
        }
    }

    @ExtendWith(PolyMQExtension.class)
    static class AsParameter {
        @Test
        void takesIt(EmbeddedBroker broker) {
            URLS.add(broker.nameServer());
        }
    }
}
