/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
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

class SecurityTest {
    private static final Origin HERE = new Origin("test", "127.0.0.1");
    private static final String PASSWORD = "a good password";

    @TempDir
    private Path directory;

    private Broker broker;

    @BeforeEach
    void open() {
        broker = TestBroker.openSecured(directory);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void theFirstStartLeavesAnAdminPasswordThatWorksUntilItIsChanged() throws Exception {
        Path file = directory.resolve("admin-password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String first = TestBroker.adminPassword(directory);
        assertThat(login("admin", first).may(Action.MANAGE, Resource.CLUSTER)).isTrue();

        this.<User>get(reply -> accounts().setPassword("admin", PASSWORD, Lane.direct(), reply));

        assertThat(file).doesNotExist();
        assertThat(login("admin", PASSWORD).principal().name()).isEqualTo("admin");
        refusesLogin("admin", first);
    }

    @Test
    void theFirstStartTakesAPasswordThatItIsGiven(@TempDir Path other) throws Exception {
        Path given = other.resolve("secret");
        Files.writeString(given, "from-a-secret\n");
        broker.close();
        broker = TestBroker.openSecured(other, given);

        assertThat(login("admin", "from-a-secret").principal().name()).isEqualTo("admin");
        assertThat(other.resolve("admin-password")).doesNotExist();
    }

    @Test
    void refusesAGivenPasswordThatIsTooShort(@TempDir Path other) throws Exception {
        Path given = other.resolve("secret");
        Files.writeString(given, "short\n");

        assertThatThrownBy(() -> TestBroker.openSecured(other, given))
                .cause()
                .hasMessageContaining(given.toString())
                .hasMessageContaining("8");
    }

    @Test
    void usersSurviveARestart() {
        TestBroker.addUser(broker, "ann", PASSWORD, "allow PUB topic:a/#");
        broker.close();

        broker = TestBroker.openSecured(directory);

        Access access = login("ann", PASSWORD);
        access.publish(org.polymq.broker.message.Address.split("a/b"));
        assertThatThrownBy(() -> access.subscribe("a/b"))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_PERMISSION));
        assertThat(broker.security().denials()).isEqualTo(1);
    }

    @Test
    void failedLoginsHaveToWaitAfterTheFifth() {
        TestBroker.addUser(broker, "ann", PASSWORD);
        for (int i = 0; i < 5; i++) {
            refusesLogin("ann", "wrong");
        }

        assertThatThrownBy(() -> login("ann", PASSWORD)).hasMessageContaining("wait");
        assertThat(login("admin", TestBroker.adminPassword(directory))).isNotNull();
    }

    @Test
    void nobodyGetsInWithoutCredentials() {
        assertThatThrownBy(() -> broker.security().authenticator().loginNow(new Credentials.Anonymous(), HERE))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_AUTHENTICATED));
        refusesLogin("nobody", PASSWORD);
    }

    @Test
    void changedPermissionsHoldAtOnceAndWatchersAreTold() {
        TestBroker.addUser(broker, "ann", PASSWORD, "allow SUB topic:a/#");
        Access access = login("ann", PASSWORD);
        AtomicInteger changed = new AtomicInteger();
        AtomicInteger revoked = new AtomicInteger();
        access.watch(Lane.direct(), new Access.Watcher() {
            @Override
            public void permissionsChanged() {
                changed.incrementAndGet();
            }

            @Override
            public void revoked() {
                revoked.incrementAndGet();
            }
        });
        assertThat(access.may(Action.SUB, Resource.filter("a/#"))).isTrue();

        this.<User>get(
                reply -> accounts().update("ann", user -> user.withPermissions(List.of()), Lane.direct(), reply));
        assertThat(access.may(Action.SUB, Resource.filter("a/#"))).isFalse();
        assertThat(changed).hasValue(1);

        this.<User>get(reply -> accounts().setPassword("ann", "another password", Lane.direct(), reply));
        assertThat(revoked).hasValue(1);
        access.close();
        this.<Boolean>get(reply -> accounts().delete("ann", Lane.direct(), reply));
        assertThat(revoked).hasValue(1);
    }

    @Test
    void anAccessKeySignsUntilItIsRevoked() throws Exception {
        TestBroker.addUser(broker, "ann", PASSWORD);
        AccessKey.Created created = get(reply -> accounts().createAccessKey("ann", Lane.direct(), reply));
        broker.close();
        broker = TestBroker.openSecured(directory);
        Credentials.Signature good = sign(created.key().id(), created.secret(), "body");

        assertThat(broker.security()
                        .authenticator()
                        .loginNow(good, HERE)
                        .principal()
                        .name())
                .isEqualTo("ann");
        assertThatThrownBy(() -> broker.security()
                        .authenticator()
                        .loginNow(sign(created.key().id(), "another secret", "body"), HERE))
                .hasMessageContaining("signature");

        this.<Boolean>get(reply -> accounts().deleteAccessKey(created.key().id(), Lane.direct(), reply));
        assertThatThrownBy(() -> broker.security().authenticator().loginNow(good, HERE))
                .hasMessageContaining("wrong access key");
    }

    @Test
    void aTokenBearsUntilItIsRevoked() {
        AccessToken.Created created =
                get(reply -> accounts().createToken("admin", Duration.ofHours(1), Lane.direct(), reply));
        Credentials.Bearer bearer = new Credentials.Bearer(created.text());
        assertThat(broker.security()
                        .authenticator()
                        .loginNow(bearer, HERE)
                        .principal()
                        .name())
                .isEqualTo("admin");

        this.<Boolean>get(reply -> accounts().deleteToken(created.token().id(), Lane.direct(), reply));

        assertThatThrownBy(() -> broker.security().authenticator().loginNow(bearer, HERE))
                .hasMessageContaining("token");
    }

    @Test
    void secretsAreInNoText() {
        AccessKey.Created key = get(reply -> accounts().createAccessKey("admin", Lane.direct(), reply));
        AccessToken.Created token =
                get(reply -> accounts().createToken("admin", Duration.ofHours(1), Lane.direct(), reply));

        assertThat(key.toString()).doesNotContain(key.secret());
        assertThat(token.toString()).doesNotContain(token.text());
        assertThat(new Credentials.Password("ann", PASSWORD).toString()).doesNotContain(PASSWORD);
        assertThat(new Credentials.Bearer(token.text()).toString()).doesNotContain(token.text());
    }

    @Test
    void theLastAdminStays() {
        assertThatThrownBy(() -> this.<Boolean>get(reply -> accounts().delete("admin", Lane.direct(), reply)))
                .hasMessageContaining("last");
        assertThatThrownBy(() -> this.<User>get(
                        reply -> accounts().update("admin", user -> user.withRoles(Set.of()), Lane.direct(), reply)))
                .hasMessageContaining("last");
    }

    @Test
    void aKeyFileThatOthersMayReadIsRefused() throws Exception {
        broker.close();
        Files.setPosixFilePermissions(directory.resolve("security.key"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> TestBroker.openSecured(directory)).hasStackTraceContaining("chmod 600");

        Files.setPosixFilePermissions(directory.resolve("security.key"), PosixFilePermissions.fromString("rw-------"));
        broker = TestBroker.openSecured(directory);
    }

    @Test
    void scramProvesThePasswordWithoutSendingIt() {
        TestBroker.addUser(broker, "ann", PASSWORD);

        ScramExchange right = broker.security().authenticator().scram(HERE);
        ScramClient client = new ScramClient("ann", PASSWORD);
        byte[] last = right.step(client.answer(right.step(client.first())));
        assertThat(client.isServers(last)).isTrue();
        assertThat(right.access()).isNotNull().extracting(Access::principal).isEqualTo(new Principal("ann"));

        for (ScramClient bad :
                List.of(new ScramClient("ann", "a wrong password"), new ScramClient("nobody", PASSWORD))) {
            ScramExchange wrong = broker.security().authenticator().scram(HERE);
            byte[] challenge = wrong.step(bad.first());
            assertThatThrownBy(() -> wrong.step(bad.answer(challenge))).hasMessageContaining("wrong user or password");
            assertThat(wrong.access()).isNull();
        }
    }

    private Accounts accounts() {
        return broker.security().accounts();
    }

    private <T> T get(Consumer<Reply<T>> request) {
        Answer<T> answer = new Answer<>();
        request.accept(answer);
        return answer.get();
    }

    private Access login(String user, String password) {
        return get(reply -> broker.security()
                .authenticator()
                .login(new Credentials.Password(user, password), HERE, Lane.direct(), reply));
    }

    private void refusesLogin(String user, String password) {
        assertThatThrownBy(() -> login(user, password))
                .isInstanceOfSatisfying(
                        BrokerException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_AUTHENTICATED));
    }

    private static Credentials.Signature sign(String key, String secret, String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA1"));
        String signature = Base64.getEncoder().encodeToString(mac.doFinal((key + body).getBytes(UTF_8)));
        return new Credentials.Signature(
                key, signature, List.of(ByteBuffer.wrap(key.getBytes(UTF_8)), ByteBuffer.wrap(body.getBytes(UTF_8))));
    }
}
