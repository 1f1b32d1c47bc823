/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that this one started: its standard output line by line, its errors in a file. One thread uses it. Closing
 * asks it to end and kills it after ten seconds.
 */
final class Child implements AutoCloseable {
    private static final String END = "\u0000end";

    private final Process process;
    private final Path log;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a class of ours on the given class path in a new JVM. */
    static Child java(Path log, List<String> jvmOptions, String classPath, String mainClass, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classPath, mainClass));
        command.addAll(List.of(arguments));
        return start(log, command);
    }

    static Child start(Path log, List<String> command) throws IOException {
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        Child child = new Child(process, log);
        Thread reader = new Thread(child::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
        return child;
    }

    long pid() {
        return process.pid();
    }

    /** Waits for a line that starts with one of the given words and returns it. */
    String await(Duration patience, String... starts) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            String line = lines.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(END)) {
                throw new IllegalStateException((line == null ? "no" : "it ended without the") + " line '"
                        + String.join("' or '", starts) + "' from process " + pid() + "; its errors: " + lastErrors());
            }
            for (String start : starts) {
                if (line.startsWith(start)) {
                    return line;
                }
            }
        }
    }

    /** The next line if one comes within the given time, else null. */
    @Nullable
    String poll(Duration patience) throws InterruptedException {
        String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        return line == null || line.equals(END) ? null : line;
    }

    void write(String line) throws IOException {
        Writer writer = process.outputWriter(StandardCharsets.UTF_8);
        writer.write(line + "\n");
        writer.flush();
    }

    /** Ends it at once, as {@code kill -9} does, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add("output broke off: " + e);
        }
        lines.add(END);
    }

    private String lastErrors() {
        try {
            List<String> all = Files.readAllLines(log);
            return String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
        } catch (IOException e) {
            return "unreadable (" + e.getMessage() + ")";
        }
    }
}
