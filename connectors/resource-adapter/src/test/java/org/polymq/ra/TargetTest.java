/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.ra;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.resource.spi.security.PasswordCredential;
import java.util.Set;
import javax.security.auth.Subject;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static final Target ADAPTERS =
            new Target("polymq://far:1", "prefetch=7", null, new Login("adapter", "secret"));

    @Test
    void whatIsLeftOutComesFromTheLessSpecific() {
        assertThat(Target.NONE.orElse(ADAPTERS)).isEqualTo(ADAPTERS);
        assertThat(Target.NONE.url()).isEqualTo("polymq://127.0.0.1:10911");
    }

    @Test
    void optionsOfAnotherUrlDoNotHold() {
        Target own = new Target("polymq://near:2", " ", "me & you", Login.NONE).orElse(ADAPTERS);

        assertThat(own.url()).isEqualTo("polymq://near:2?clientId=me+%26+you");
        assertThat(own.login().user()).isEqualTo("adapter");
    }

    @Test
    void optionsFollowThoseOfTheUrl() {
        assertThat(new Target("polymq://near?heartbeat=0", "prefetch=1", null, Login.NONE).url())
                .isEqualTo("polymq://near?heartbeat=0&prefetch=1");
    }

    @Test
    void theContainersCredentialComesFirstThenTheApplicationsThenTheConfigured() {
        PolyMQManagedConnectionFactory factory = new PolyMQManagedConnectionFactory();
        PolyMQManagedConnectionFactory another = new PolyMQManagedConnectionFactory();
        another.setClientId("another");
        Login application = new Login("application", "a");
        Login configured = new Login("configured", "c");

        assertThat(Login.of(subject(factory), application, factory, configured).user())
                .isEqualTo("container");
        assertThat(Login.of(subject(another), application, factory, configured)).isEqualTo(application);
        assertThat(Login.of(null, Login.NONE, factory, configured)).isEqualTo(configured);
        assertThat(configured).hasToString("configured");
    }

    private static Subject subject(PolyMQManagedConnectionFactory factory) {
        PasswordCredential credential = new PasswordCredential("container", "p".toCharArray());
        credential.setManagedConnectionFactory(factory);
        return new Subject(true, Set.of(), Set.of(), Set.of(credential));
    }
}
