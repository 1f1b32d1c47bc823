/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A process, and the whole lines that it printed. Used by one thread. */
public final class Killable implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private final CountDownLatch ready = new CountDownLatch(1);

    private Killable(Process process, String readyLine, Consumer<String> lines) {
        this.process = process;
        this.reader = new Thread(() -> read(readyLine, lines), "lines of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a program and waits until it prints a line.
     *
     * @param errors where standard error goes
     * @param lines gets every whole line
     */
    public static Killable start(List<String> command, String readyLine, File errors, Consumer<String> lines)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(errors))
                .start();
        Killable started = new Killable(process, readyLine, lines);
        if (!started.ready.await(3, TimeUnit.MINUTES) || !process.isAlive()) {
            started.close();
            throw new IllegalStateException("it did not print " + readyLine + ": " + command);
        }
        return started;
    }

    private void read(String readyLine, Consumer<String> lines) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c != '\n') {
                    line.append((char) c);
                    continue;
                }
                lines.accept(line.toString());
                if (line.indexOf(readyLine) == 0) {
                    ready.countDown();
                }
                line.setLength(0);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            ready.countDown();
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** {@code kill -9}; returns when it is gone and everything it said was read. */
    public void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        reader.join(60_000);
        if (!ended || reader.isAlive()) {
            throw new IllegalStateException("process " + process.pid() + " does not end");
        }
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
    }
}
