/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.polymq.storage.FixedPorts;

/**
 * {@code bin/polymq start} on one data directory, as often as a test likes. Used by one thread at a time.
 *
 * <pre>{@code
 * try (BrokerProcess server = BrokerProcess.in(directory)) {
 *     Endpoints at = server.start();
 *     ...
 *     server.kill();
 *     server.start();
 * }
 * }</pre>
 */
public final class BrokerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final List<String> PORT_KEYS =
            List.of("nameserver.port", "native.port", "mqtt.port", "mqtt.websocket-port", "dashboard.port");

    private final Path directory;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private List<String> where = List.of();
    private String host = "127.0.0.1";
    private @Nullable String heap;
    private @Nullable Process process;
    private @Nullable Lines output;
    private @Nullable Endpoints endpoints;
    private int starts;

    private BrokerProcess(Path directory) {
        this.directory = directory;
    }

    /** A server, not started yet, whose data is in {@code data} and whose log is beside it. Ports are given freely. */
    public static BrokerProcess in(Path directory) {
        BrokerProcess server = new BrokerProcess(directory);
        PORT_KEYS.forEach(key -> server.settings.put(key, "0"));
        return server;
    }

    /** Keeps the same ports over restarts, so that clients find the server again. */
    public BrokerProcess onFixedPorts() throws IOException {
        return onFixedPorts(1);
    }

    /** The same for a process of several groups, whose ports are 10 apart. */
    BrokerProcess onFixedPorts(int groups) throws IOException {
        int first = new FixedPorts().block(PORT_KEYS.size() + 2 + (groups - 1) * 10);
        for (String key : PORT_KEYS) {
            settings.put(key, Integer.toString(first));
            first += key.equals("nameserver.port") ? 3 : 1; // the VIP channel is two below the native port
        }
        return this;
    }

    /** Adds an option {@code --set key=value} to the following starts. */
    public BrokerProcess with(String key, Object value) {
        settings.put(key, value.toString());
        return this;
    }

    /** Gives the following starts a heap of so much, such as {@code 80m}. */
    public BrokerProcess withHeap(String size) {
        heap = size;
        return this;
    }

    /**
     * Runs it elsewhere on this machine, where it binds its loopback address and others reach it by another one.
     *
     * @param enter what its command begins with
     */
    BrokerProcess at(String address, List<String> enter) {
        host = address;
        where = List.copyOf(enter);
        return with("advertise", address).with("security.allow-plaintext", "true");
    }

    /** Starts it and waits until it accepts. */
    public Endpoints start() throws IOException, InterruptedException {
        Endpoints at = ReadyLines.parse(launchReady(), PATIENCE);
        endpoints = at;
        return at;
    }

    /** The same of a gateway without a log, which has no name server. */
    void startGateway() throws IOException, InterruptedException {
        launchReady();
    }

    private Lines launchReady() throws IOException, InterruptedException {
        Lines lines = launch().lines();
        if (lines.await(line -> line.startsWith("PolyMQ ready"), PATIENCE).isEmpty()) {
            throw new IllegalStateException("the server did not become ready: " + lines.all() + " " + log());
        }
        return lines;
    }

    /** Starts it where it is expected to end by itself, and returns its exit code and everything it said. */
    public Refusal startRefused() throws IOException, InterruptedException {
        Launch launch = launch();
        if (!launch.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            kill();
            throw new IllegalStateException(
                    "the server did not end: " + launch.lines().all());
        }
        return new Refusal(
                launch.process().exitValue(), String.join("\n", launch.lines().all()) + "\n" + log());
    }

    /**
     * What a start that was refused left.
     *
     * @param exitCode of the process
     * @param said on standard output and standard error
     */
    public record Refusal(int exitCode, String said) {}

    /** Where it listens. */
    public Endpoints endpoints() {
        if (endpoints == null) {
            throw new IllegalStateException("not started");
        }
        return endpoints;
    }

    /** The data directory. */
    public Path data() {
        return directory.resolve("data");
    }

    /** Standard error of the latest start. */
    public String log() throws IOException {
        Path log = logFile();
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** Process id while it runs. */
    public long pid() {
        Process running = running();
        if (!running.isAlive()) {
            List<String> said = output();
            throw new IllegalStateException("the server ended by itself with status " + running.exitValue() + ": "
                    + String.join(" ", said.subList(Math.max(0, said.size() - 3), said.size())));
        }
        return running.pid();
    }

    /** Whether the process lives. */
    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** What it printed on standard output since the latest start. */
    public List<String> output() {
        return output == null ? List.of() : output.all();
    }

    /** {@code kill -9}; returns when the process is gone. */
    public void kill() throws InterruptedException {
        running().destroyForcibly().waitFor();
    }

    /** {@code kill -STOP}: it stands still; only {@link #kill} ends it. */
    public void freeze() throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-STOP", Long.toString(pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -STOP " + pid() + " failed with " + status);
        }
    }

    /** {@code kill -CONT}: goes on after {@link #freeze}. */
    public void thaw() throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-CONT", Long.toString(pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -CONT " + pid() + " failed with " + status);
        }
    }

    /** What is set for the following starts. */
    String setting(String key) {
        return settings.getOrDefault(key, "");
    }

    /** A port that was fixed by {@link #onFixedPorts}, as {@code host:port}. */
    public String address(String key) {
        return host + ":" + settings.get(key);
    }

    /** The same of a group by its slot. */
    String address(String key, int slot) {
        return host + ":" + (Integer.parseInt(settings.getOrDefault(key, "0")) + slot * 10);
    }

    /** SIGTERM; returns the exit code when it has drained and stopped. */
    public int stop() throws InterruptedException {
        Process running = running();
        running.destroy();
        if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            running.destroyForcibly().waitFor();
            throw new IllegalStateException("the server did not stop within " + PATIENCE);
        }
        return running.exitValue();
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private Launch launch() throws IOException {
        if (isAlive()) {
            throw new IllegalStateException("already running");
        }
        starts++;
        List<String> arguments = new ArrayList<>(List.of("start", "--data", data().toString()));
        settings.forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
        ProcessBuilder builder =
                Checkout.polymq(arguments).redirectError(logFile().toFile());
        builder.command().addAll(0, where);
        if (heap != null) {
            builder.environment().put("POLYMQ_HEAP", heap);
        }
        Process started = builder.start();
        Lines lines = Lines.of(started.getInputStream(), "output of server " + started.pid());
        process = started;
        output = lines;
        return new Launch(started, lines);
    }

    private Path logFile() {
        return directory.resolve("server-" + starts + ".log");
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("not started");
        }
        return process;
    }

    /** A process and what it prints. */
    private record Launch(Process process, Lines lines) {}
}
