/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A client as a process that can be killed, and the lines that it prints. Used by one thread. */
final class Child {
    private final Process process;
    private final Thread reader;

    private Child(Process process, Thread reader) {
        this.process = process;
        this.reader = reader;
    }

    /**
     * Starts a program.
     *
     * @param line gets each line that was printed whole, on a thread of this process
     * @param broken told when the lines cannot be read
     */
    static Child start(List<String> command, String name, Consumer<String> line, Consumer<String> broken)
            throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread reader = new Thread(() -> read(process, name, line, broken), "reads what " + name + " does");
        reader.start();
        return new Child(process, reader);
    }

    private static void read(Process process, String name, Consumer<String> sink, Consumer<String> broken) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c != '\n') {
                    line.append((char) c);
                    continue;
                }
                sink.accept(line.toString());
                line.setLength(0);
            }
        } catch (IOException e) {
            broken.accept(name + ": " + e);
        }
    }

    /**
     * Sends {@code kill -9} or SIGTERM, and {@code kill -9} a minute after a SIGTERM that does not end it; returns when
     * it is gone, and what {@code gone} does before the last lines are read to their end is done.
     */
    void end(boolean hard, Runnable gone) throws InterruptedException {
        // By its handle: destroying the process itself would close what it said and was not read yet.
        boolean asked =
                hard ? process.toHandle().destroyForcibly() : process.toHandle().destroy();
        if (!asked) {
            throw new IllegalStateException("process " + process.pid() + " cannot be ended");
        }
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            process.toHandle().destroyForcibly();
            ended = process.waitFor(60, TimeUnit.SECONDS);
        }
        gone.run();
        reader.join(60_000);
        if (!ended || reader.isAlive()) {
            throw new IllegalStateException("process " + process.pid() + " does not end");
        }
    }
}
