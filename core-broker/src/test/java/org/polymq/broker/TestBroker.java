/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.cluster.SharedState;
import org.polymq.broker.publish.Publisher;
import org.polymq.broker.security.Audit;
import org.polymq.broker.security.Permission;
import org.polymq.broker.security.SecuritySettings;
import org.polymq.broker.security.User;
import org.polymq.broker.state.Retention;
import org.polymq.storage.Failpoints;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;

/** A real broker core on a directory of a test. */
public final class TestBroker {
    private TestBroker() {}

    public static Broker open(Path directory) {
        return open(directory, LogConfig.defaults(directory), InstantSource.system());
    }

    /** A broker with security on: the user {@code admin} has the password of {@link #adminPassword}. */
    public static Broker openSecured(Path directory) {
        return openSecured(directory, null);
    }

    /** @param givenPassword the file with the password of the user {@code admin}, or null for a generated one */
    public static Broker openSecured(Path directory, @Nullable Path givenPassword) {
        return openSecured(directory, givenPassword, SharedState.alone(0, InstantSource.system()));
    }

    /** The same, with what it shares with others. */
    public static Broker openSecured(Path directory, @Nullable Path givenPassword, SharedState shared) {
        return openSecured(directory, directory.resolve("security.key"), givenPassword, shared, "");
    }

    /** A broker with security on whose users are copied from another group, under that one's key file. */
    public static Broker openMirror(Path directory, Path keyFile, String definedIn) {
        return openSecured(directory, keyFile, null, SharedState.alone(0, InstantSource.system()), definedIn);
    }

    private static Broker openSecured(
            Path directory, Path keyFile, @Nullable Path givenPassword, SharedState shared, String definedIn) {
        Broker.Settings plain = settings(32 << 20);
        SecuritySettings security = new SecuritySettings(
                true,
                new SecuritySettings.Files(keyFile, directory.resolve("admin-password"), givenPassword),
                1_000,
                "",
                definedIn);
        return open(
                new Broker.Settings(
                        plain.clusterName(),
                        plain.publishing(),
                        plain.retention(),
                        plain.caps(),
                        plain.viewsMemory(),
                        security,
                        Audit.NONE,
                        ConsumingSettings.STANDARD,
                        Optional.of(shared)),
                LogConfig.defaults(directory),
                InstantSource.system());
    }

    /** The generated password of the user {@code admin} of {@link #openSecured}. */
    public static String adminPassword(Path directory) {
        try {
            return Files.readString(directory.resolve("admin-password")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a user with a password and permissions such as {@code allow PUB,SUB topic:a/#}. */
    public static void addUser(Broker broker, String name, String password, String... permissions) {
        Answer<User> made = new Answer<>();
        User user = User.of(name)
                .withPermissions(
                        Arrays.stream(permissions).map(Permission::parse).toList());
        broker.security().accounts().create(user, password, Lane.direct(), made);
        made.get();
    }

    public static Broker open(Path directory, LogConfig config, InstantSource clock) {
        return open(directory, config, clock, 32 << 20);
    }

    /** @param viewsMemory what the large views may take beside the heap, bytes */
    public static Broker open(Path directory, LogConfig config, InstantSource clock, long viewsMemory) {
        return open(settings(viewsMemory), config, clock);
    }

    private static Broker.Settings settings(long viewsMemory) {
        return new Broker.Settings(
                "DefaultCluster",
                new Publisher.Settings(4, 4 << 20),
                new Retention.Settings(Duration.ofHours(72), Duration.ofHours(24)),
                viewsMemory);
    }

    private static Broker open(Broker.Settings settings, LogConfig config, InstantSource clock) {
        try {
            return Broker.open(settings, config, new NioDisk(), clock, Failpoints.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a broker", e);
        }
    }
}
