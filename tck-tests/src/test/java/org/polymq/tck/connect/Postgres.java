/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The system's PostgreSQL on a data directory of its own, with the log that Debezium reads. It refuses to run as root,
 * so a root's runs as the user {@code postgres} that its package makes. Used by one thread at a time.
 */
final class Postgres implements AutoCloseable {
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path directory;
    private final Path programs;
    private final Driver driver;
    private final int port;
    private final List<String> user;
    private @Nullable Process process;

    /**
     * @param directory of the data; the user {@code postgres} has to be able to reach it
     * @param driverJars a directory with PostgreSQL's JDBC driver
     */
    Postgres(Path directory, Path driverJars) throws Exception {
        this.directory = directory;
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            this.programs = versions.max(Path::compareTo).orElseThrow().resolve("bin");
        }
        this.driver = driver(driverJars);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        boolean root = System.getProperty("user.name").equals("root");
        this.user = root ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") : List.of();
        if (root) {
            run(List.of("chown", "postgres", directory.toString()));
        }
        run(as(
                "initdb",
                "--pgdata=" + data(),
                "--username=shop",
                "--auth=trust",
                "--no-sync",
                "--locale=C.UTF-8",
                "--encoding=UTF8"));
    }

    private static Driver driver(Path jars) throws Exception {
        try (Stream<Path> all = Files.list(jars)) {
            Path jar = all.filter(file -> file.getFileName().toString().startsWith("postgresql-"))
                    .findFirst()
                    .orElseThrow();
            ClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
            return loader.loadClass("org.postgresql.Driver")
                    .asSubclass(Driver.class)
                    .getConstructor()
                    .newInstance();
        }
    }

    private Path data() {
        return directory.resolve("pg");
    }

    private List<String> as(String program, String... arguments) {
        List<String> command = new ArrayList<>(user);
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Process run = builder(command).start();
        try {
            assertThat(run.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("%s ends; see %s", command, log())
                    .isTrue();
        } finally {
            run.destroyForcibly();
        }
        assertThat(run.exitValue()).as("%s; see %s", command, log()).isZero();
    }

    private ProcessBuilder builder(List<String> command) {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    }

    private Path log() {
        return directory.resolve("postgres.log");
    }

    /** Starts it and waits until it answers. */
    void start() throws IOException {
        process = builder(as(
                        "postgres",
                        "-D",
                        data().toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "wal_level=logical"))
                .start();
        await().atMost(PATIENCE).ignoreExceptionsInstanceOf(SQLException.class).until(() -> {
            connect().close();
            return true;
        });
    }

    int port() {
        return port;
    }

    /** The driver's address of the one database. */
    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    /** A connection as the owner of everything. */
    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "shop");
        return driver.connect(url(), properties);
    }

    /** Ends it and all its connections at once; what was committed is there after the next start. */
    void stop() throws IOException, InterruptedException {
        run(as("pg_ctl", "stop", "--pgdata=" + data(), "--mode=immediate"));
        assertThat(Objects.requireNonNull(process).waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Override
    public void close() throws IOException {
        Process running = process;
        if (running != null && running.isAlive()) {
            try {
                stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                running.destroyForcibly();
            }
        }
    }
}
