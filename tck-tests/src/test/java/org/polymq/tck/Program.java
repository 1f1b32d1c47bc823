/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.polymq.tck.client.RocketMqVersion;
import org.polymq.tck.server.Lines;

/** A program that we did not write, run as its users run it. */
final class Program implements AutoCloseable {
    private final Process process;
    private final Lines output;

    private Program(Process process) {
        this.process = process;
        this.output = Lines.of(process.getInputStream(), "output of program " + process.pid());
    }

    /** Runs a command; standard error is part of its output. */
    static Program run(String... command) throws IOException {
        return run(new ProcessBuilder(command));
    }

    /** Runs a command; standard error is part of its output. */
    static Program run(ProcessBuilder command) throws IOException {
        return new Program(command.redirectErrorStream(true).start());
    }

    /** Runs an example of RocketMQ on its own class path, with the name server given as RocketMQ's documents say. */
    static Program rocketMqExample(String nameServer, String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Duser.home=" + System.getProperty("user.home"),
                "-Drocketmq.namesrv.addr=" + nameServer,
                "-cp",
                RocketMqVersion.V5.jars() + "/*",
                "org.apache.rocketmq.example." + mainClass));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** Whether a command can be found on the path. */
    static boolean exists(String name) {
        return List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    /** Waits until it has printed a line that contains the words, so often. */
    void awaitLines(String words, int times, Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        int[] seen = new int[1];
        boolean came = output.await(
                        line -> line.contains(words) && ++seen[0] >= times, Duration.ofNanos(end - System.nanoTime()))
                .isPresent();
        if (!came) {
            throw new AssertionError(
                    String.format(Locale.ROOT, "only %d of %d lines with '%s' in %s", seen[0], times, words, tail()));
        }
    }

    /** Waits until it has printed a line in which the pattern is found. */
    void awaitLine(Pattern pattern, Duration patience) throws InterruptedException {
        if (output.await(line -> pattern.matcher(line).find(), patience).isEmpty()) {
            throw new AssertionError("no line with '" + pattern + "' in " + tail());
        }
    }

    /** Waits for its end and returns everything it printed. */
    List<String> awaitEnd(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running: " + tail());
        }
        output.await(line -> false, Duration.ofSeconds(5)); // to the end of its output
        return output.all();
    }

    int exitCode() {
        return process.exitValue();
    }

    List<String> lines() {
        return output.all();
    }

    /** Gives it bytes on standard input. */
    void type(byte[] bytes) throws IOException {
        process.getOutputStream().write(bytes);
        process.getOutputStream().close();
    }

    /** {@code kill -9}; returns when the process is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private List<String> tail() {
        List<String> all = output.all();
        return all.subList(Math.max(0, all.size() - 30), all.size());
    }
}
