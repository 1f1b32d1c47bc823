/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Destination;

class AuthorizerTest {
    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/+, a/b, true",
        "a/#, a, true",
        "a/#, a/b/c, true",
        "a/+, a/b/c, false",
        "a/b, a, false",
        "#, a/b, true",
        "#, $SYS/load, false",
        "+/load, $SYS/load, false",
        "$SYS/#, $SYS/load, true",
        "#, RMQ_SYS_TRACE_TOPIC, false",
        "/+, /a, true",
    })
    void aPermissionOnATopicIsAnMqttFilter(String pattern, String topic, boolean permitted) {
        assertThat(may(Action.PUB, Resource.topic(topic), "allow PUB topic:" + pattern))
                .isEqualTo(permitted);
    }

    @ParameterizedTest
    @CsvSource({
        "a/#, a/#, true",
        "a/#, a/+/c, true",
        "a/+/c, a/b/c, true",
        "a/+, a/#, false",
        "a/b, a/+, false",
        "a/b/#, a/#, false",
        "#, #, true",
        "+/#, #, false",
    })
    void aWildcardSubscriptionHasToBeCoveredWholly(String pattern, String filter, boolean permitted) {
        assertThat(may(Action.SUB, Resource.filter(filter), "allow SUB topic:" + pattern))
                .isEqualTo(permitted);
    }

    @ParameterizedTest
    @CsvSource({
        "secret/#, #, false",
        "secret/#, +/x, false",
        "secret/#, open/#, true",
        "secret/a, secret/+, false",
        "+/private, open/+, false",
        "+/private, open/public, true",
    })
    void aDenialWinsOverEveryPermissionItTouches(String denied, String filter, boolean permitted) {
        assertThat(may(Action.SUB, Resource.filter(filter), "allow SUB topic:#", "deny SUB topic:" + denied))
                .isEqualTo(permitted);
    }

    @Test
    void aNativeSubscriptionNeedsEverythingUnderTheTopic() {
        assertThat(may(Action.SUB, Resource.under("a"), "allow SUB topic:a")).isFalse();
        assertThat(may(Action.SUB, Resource.under("a"), "allow SUB topic:a/b")).isFalse();
        assertThat(may(Action.SUB, Resource.under("a"), "allow SUB topic:a/#")).isTrue();
        assertThat(may(Action.SUB, Resource.under("a"), "allow SUB topic:#")).isTrue();
        assertThat(may(Action.SUB, Resource.under("RMQ_SYS_X"), "allow SUB topic:#"))
                .isFalse();
    }

    @Test
    void topicsAndQueuesOfOneNameAreTwoThings() {
        assertThat(may(Action.PUB, Resource.queue("orders"), "allow PUB topic:#"))
                .isFalse();
        assertThat(may(Action.PUB, Resource.topic("orders"), "allow PUB queue:*"))
                .isFalse();
        assertThat(may(Action.PUB, Resource.queue("orders"), "allow PUB queue:ord*"))
                .isTrue();
    }

    @Test
    void aGroupsRetryAndDeadLetterTopicsBelongToWhoMayUseTheGroup() {
        assertThat(may(Action.SUB, Resource.under("%RETRY%g"), "allow SUB group:g"))
                .isTrue();
        assertThat(may(Action.PUB, Resource.topic("%RETRY%g"), "allow SUB group:g"))
                .isTrue();
        assertThat(may(Action.SUB, Resource.queue("%DLQ%g"), "allow SUB group:g"))
                .isTrue();
        assertThat(may(Action.SUB, Resource.queue("%DLQ%g"), "allow SUB queue:*"))
                .isFalse();
        assertThat(may(Action.SUB, Resource.under("%RETRY%g"), "allow SUB topic:#", "allow SUB group:other"))
                .isFalse();
    }

    @Test
    void popOfAQueueIsReadingTheQueue() {
        assertThat(may(Action.SUB, Resource.group("%QUEUE%q"), "allow SUB queue:q"))
                .isTrue();
        assertThat(may(Action.SUB, Resource.group("%QUEUE%q"), "allow SUB group:*"))
                .isFalse();
    }

    @Test
    void anybodyWithPermissionsMayAnswerToATemporaryDestination() {
        Resource temporary = Resource.of(Destination.temporaryQueue("x"));

        assertThat(may(Action.PUB, temporary, "allow PUB topic:a")).isTrue();
        assertThat(may(Action.SUB, temporary, "allow SUB topic:#", "allow SUB queue:*"))
                .isFalse();
        assertThat(may(Action.PUB, temporary)).isFalse();
    }

    @Test
    void clientIdsAreFreeUnlessPermissionsNameThem() {
        assertThat(may(Action.SUB, Resource.client("c7"), "allow PUB topic:a")).isTrue();
        assertThat(may(Action.SUB, Resource.client("c7"), "allow SUB client:c*"))
                .isTrue();
        assertThat(may(Action.SUB, Resource.client("d7"), "allow SUB client:c*"))
                .isFalse();
        assertThat(may(Action.SUB, Resource.client("c7"), "deny SUB client:c*")).isFalse();
    }

    @Test
    void anyReachesSystemNamesTooAndADenialStillWins() {
        String any = "allow PUB,SUB,MANAGE any:*";

        assertThat(may(Action.SUB, Resource.filter("$SYS/#"), any)).isTrue();
        assertThat(may(Action.MANAGE, Resource.CLUSTER, any)).isTrue();
        assertThat(may(Action.MANAGE, Resource.CLUSTER, any, "deny MANAGE cluster:*"))
                .isFalse();
    }

    @Test
    void whoHasNoPermissionsMayDoNothing() {
        assertThat(may(Action.PUB, Resource.topic("a"))).isFalse();
        assertThat(may(Action.SUB, Resource.client("c"))).isFalse();
    }

    @Test
    void permissionsReadAsTheyAreWritten() {
        String text = "deny PUB,SUB topic:a/+/b";

        assertThat(Permission.parse(text)).hasToString(text);
        for (String bad : List.of(
                "",
                "allow",
                "allow PUB",
                "allow PUB topic",
                "permit PUB topic:a",
                "allow READ topic:a",
                "allow PUB temporary:a",
                "allow PUB topic:",
                "allow PUB topic:a#")) {
            assertThatThrownBy(() -> Permission.parse(bad)).as(bad).isInstanceOf(BrokerException.class);
        }
    }

    private static boolean may(Action action, Resource resource, String... permissions) {
        return Authorizer.decide(
                Arrays.stream(permissions).map(Permission::parse).toList(), action, resource);
    }
}
