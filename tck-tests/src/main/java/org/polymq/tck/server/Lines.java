/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Keeps every line of a stream and lets others wait for one. Safe from any thread. */
public final class Lines {
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    /** Reads the stream to its end on a thread of its own. */
    public static Lines of(InputStream stream, String name) {
        Lines lines = new Lines();
        Thread reader = new Thread(() -> lines.read(stream), name);
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    /**
     * Waits for a line.
     *
     * @return the first line that matches, or empty if the stream ended or the time ran out before one came
     */
    public synchronized Optional<String> await(Predicate<String> wanted, Duration patience)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        int checked = 0;
        while (true) {
            for (; checked < lines.size(); checked++) {
                if (wanted.test(lines.get(checked))) {
                    return Optional.of(lines.get(checked));
                }
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (ended || left <= 0) {
                return Optional.empty();
            }
            wait(left);
        }
    }

    /** All lines so far. */
    public synchronized List<String> all() {
        return List.copyOf(lines);
    }

    private void read(InputStream stream) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                add(line, false);
            }
            add("", true);
        } catch (IOException e) {
            add("(the output broke off: " + e.getMessage() + ")", true);
        }
    }

    private synchronized void add(String line, boolean last) {
        if (!line.isEmpty()) {
            lines.add(line);
        }
        ended = last;
        notifyAll();
    }
}
