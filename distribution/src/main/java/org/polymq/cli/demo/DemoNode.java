/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A node of the cluster demo: a process of its own, started with the same Java and the same jars as this one. */
final class DemoNode implements AutoCloseable {
    private final int number;
    private final Path directory;
    private final Process process;
    private final Map<String, String> listeners = new ConcurrentHashMap<>();
    private final CountDownLatch ready;

    private DemoNode(int number, Path directory, Process process, int groups) {
        this.ready = new CountDownLatch(groups);
        this.number = number;
        this.directory = directory;
        this.process = process;
    }

    /** Starts it; its log is a file beside its data. */
    static DemoNode start(int number, Path directory, List<String> settings, int groups) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!option.startsWith("-XX:TieredStopAtLevel")) {
                command.add(option);
            }
        }
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "org.polymq.cli.Main", "start", "--cluster"));
        command.addAll(List.of("--data", directory.resolve("data").toString()));
        settings.forEach(each -> command.addAll(List.of("--set", each)));
        Files.createDirectories(directory);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        DemoNode node = new DemoNode(number, directory, process, groups);
        Thread reader = new Thread(node::read, "polymq-demo-node-" + number);
        reader.setDaemon(true);
        reader.start();
        return node;
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.strip().split("\\s+", -1);
                if (words.length > 1 && words[1].contains(":")) {
                    listeners.put(words[0], words[1]);
                    if (words[0].startsWith("dashboard")) { // the last one of each group
                        ready.countDown();
                    }
                }
            }
        } catch (IOException e) {
            listeners.clear(); // it is gone
        }
    }

    /** Waits until it listens. */
    void awaitReady(long seconds) throws InterruptedException, IOException, DemoFailedException {
        if (!ready.await(seconds, TimeUnit.SECONDS)) {
            throw new DemoFailedException(
                    "node " + number + " did not start; it said: " + Files.readString(directory.resolve("log")));
        }
    }

    int number() {
        return number;
    }

    /** Where a listener is, {@code host:port}. */
    String address(String listener) {
        return listeners.getOrDefault(listener, "-");
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
