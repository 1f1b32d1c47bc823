/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.broker.Answer;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.TestBroker;

/** The accounts of one broker in another one's log. */
class MirroredAccountsTest {
    private static final Origin HERE = new Origin("test", "127.0.0.1");
    private static final String PASSWORD = "a good password";

    @TempDir
    private Path directory;

    private Path first;
    private Broker source;
    private Broker mirror;

    @BeforeEach
    void open() throws IOException {
        first = Files.createDirectory(directory.resolve("first"));
        Files.createDirectory(directory.resolve("other"));
        source = TestBroker.openSecured(first);
        mirror = openMirror();
    }

    private Broker openMirror() {
        return TestBroker.openMirror(directory.resolve("other"), first.resolve("security.key"), "a");
    }

    @AfterEach
    void close() {
        mirror.close();
        source.close();
    }

    @Test
    void takesOverEverythingAndKeepsItOverARestart() throws Exception {
        assertThat(accounts(mirror).users()).as("no first user is made").isEmpty();
        this.<Role>get(reply -> accounts(source)
                .put(new Role("reader", List.of(Permission.parse("allow SUB topic:a/#"))), Lane.direct(), reply));
        User ann = User.of("ann").withRoles(Set.of("reader")).withCertificates(Set.of("CN=ann"));
        this.<User>get(reply -> accounts(source).create(ann, PASSWORD, Lane.direct(), reply));
        AccessKey.Created key = get(reply -> accounts(source).createAccessKey("ann", Lane.direct(), reply));
        AccessToken.Created token =
                get(reply -> accounts(source).createToken("ann", Duration.ofHours(1), Lane.direct(), reply));

        assertThat(mirrorNow()).isTrue();

        for (int run = 0; run < 2; run++) {
            Access access = login("ann");
            assertThat(access.may(Action.SUB, Resource.filter("a/#"))).isTrue();
            assertThat(access.may(Action.PUB, Resource.filter("a/#"))).isFalse();
            for (Credentials other : List.of(sign(key), new Credentials.Bearer(token.text()))) {
                assertThat(login(other).principal().name()).isEqualTo("ann");
            }
            assertThat(accounts(mirror).users())
                    .containsExactlyElementsOf(accounts(source).users());
            assertThat(accounts(mirror).roles())
                    .containsExactlyElementsOf(accounts(source).roles());
            assertThat(accounts(mirror).version()).isEqualTo(accounts(source).version());
            mirror.close();
            mirror = openMirror();
        }
    }

    @Test
    void whatIsGoneOrChangedTellsThoseWhoWatchAndNobodyElse() {
        for (String name : List.of("ann", "bob", "eve", "tom")) {
            TestBroker.addUser(source, name, PASSWORD);
        }
        mirrorNow();
        List<String> heard = new ArrayList<>();
        for (String name : List.of("ann", "bob", "eve", "tom")) {
            login(name).watch(Lane.direct(), new Access.Watcher() {
                @Override
                public void permissionsChanged() {}

                @Override
                public void revoked() {
                    heard.add(name);
                }
            });
        }

        this.<Boolean>get(reply -> accounts(source).delete("ann", Lane.direct(), reply));
        this.<User>get(reply -> accounts(source).setPassword("bob", "another password", Lane.direct(), reply));
        this.<User>get(reply -> accounts(source).update("eve", user -> user.withEnabled(false), Lane.direct(), reply));
        assertThat(mirrorNow()).isTrue();

        assertThat(heard).containsExactlyInAnyOrder("ann", "bob", "eve");
        assertThatThrownBy(() -> login("ann")).hasMessageContaining("wrong user or password");
        assertThat(login("tom")).isNotNull();
    }

    @Test
    void aCopyThatIsNotNewerChangesNothing() {
        TestBroker.addUser(source, "ann", PASSWORD);
        AccountsCopy before = accounts(source).copy();
        this.<Boolean>get(reply -> accounts(source).delete("ann", Lane.direct(), reply));
        assertThat(mirrorNow()).isTrue();

        assertThat(mirrorNow()).isFalse();
        assertThat(this.<Boolean>get(reply -> accounts(mirror).mirror(before, Lane.direct(), reply)))
                .isFalse();
        assertThat(accounts(mirror).user("ann")).isEmpty();
    }

    @Test
    void theVersionRisesWithEachChangeAlsoOverARestartAndWithNothingElse() {
        long before = accounts(source).version();
        TestBroker.addUser(source, "ann", PASSWORD);
        long changed = accounts(source).version();
        this.<Boolean>get(reply -> accounts(source).delete("nobody", Lane.direct(), reply));
        assertThatThrownBy(() -> TestBroker.addUser(source, "ann", PASSWORD)).hasMessageContaining("already");
        source.close();
        source = TestBroker.openSecured(first);

        assertThat(changed).isGreaterThan(before);
        assertThat(accounts(source).version()).isEqualTo(changed);
        this.<Boolean>get(reply -> accounts(source).delete("ann", Lane.direct(), reply));
        assertThat(accounts(source).version()).isGreaterThan(changed);
    }

    @Test
    void changesAreRefusedAndTheGroupIsNamed() {
        mirrorNow();
        long before = accounts(mirror).version();
        Accounts here = accounts(mirror);

        refuses((Reply<User> reply) -> here.create(User.of("ann"), PASSWORD, Lane.direct(), reply));
        refuses((Reply<User> reply) -> here.update("admin", user -> user, Lane.direct(), reply));
        refuses((Reply<User> reply) -> here.setPassword("admin", PASSWORD, Lane.direct(), reply));
        refuses((Reply<Boolean> reply) -> here.delete("admin", Lane.direct(), reply));
        refuses((Reply<Role> reply) -> here.put(new Role("r", List.of()), Lane.direct(), reply));
        refuses((Reply<Boolean> reply) -> here.deleteRole("r", Lane.direct(), reply));
        refuses((Reply<AccessKey.Created> reply) -> here.createAccessKey("admin", Lane.direct(), reply));
        refuses((Reply<Boolean> reply) -> here.deleteAccessKey("AK", Lane.direct(), reply));
        refuses((Reply<AccessToken.Created> reply) ->
                here.createToken("admin", Duration.ofHours(1), Lane.direct(), reply));
        refuses((Reply<Boolean> reply) -> here.deleteToken("id", Lane.direct(), reply));

        assertThat(here.version()).isEqualTo(before);
    }

    private <T> void refuses(Consumer<Reply<T>> change) {
        assertThatThrownBy(() -> this.<T>get(change))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_REQUEST))
                .hasMessageContaining("defined in group a");
    }

    private boolean mirrorNow() {
        return get(reply -> accounts(mirror).mirror(accounts(source).copy(), Lane.direct(), reply));
    }

    private static Accounts accounts(Broker broker) {
        return broker.security().accounts();
    }

    private <T> T get(Consumer<Reply<T>> request) {
        Answer<T> answer = new Answer<>();
        request.accept(answer);
        return answer.get();
    }

    private Access login(String user) {
        return get(reply -> mirror.security()
                .authenticator()
                .login(new Credentials.Password(user, PASSWORD), HERE, Lane.direct(), reply));
    }

    private Access login(Credentials credentials) {
        return mirror.security().authenticator().loginNow(credentials, HERE);
    }

    private static Credentials sign(AccessKey.Created key) throws Exception {
        byte[] body = "body".getBytes(UTF_8);
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key.secret().getBytes(UTF_8), "HmacSHA1"));
        return new Credentials.Signature(
                key.key().id(), Base64.getEncoder().encodeToString(mac.doFinal(body)), List.of(ByteBuffer.wrap(body)));
    }
}
