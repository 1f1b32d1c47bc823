/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.faults;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.jspecify.annotations.Nullable;
import org.polymq.tck.ledger.Ledger;
import org.polymq.tck.ledger.Stamp;
import org.polymq.tck.server.Endpoints;

/**
 * A publisher or a subscriber that is killed and started again with the same client id and the files of its session,
 * and what it says, booked. Used by one thread; what it says is booked by another, one of each life after the other.
 */
final class MqttMember {
    private final Endpoints server;
    private final Path directory;
    private final int qos;
    private final boolean publishes;
    private final Ledger ledger;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<Integer, Long> inHand = new HashMap<>(); // by packet identifier
    private long next;
    private int lives;
    private volatile boolean ready;
    private @Nullable Child child;

    MqttMember(Endpoints server, Path directory, int qos, boolean publishes, Ledger ledger) {
        this.server = server;
        this.directory = directory;
        this.qos = qos;
        this.publishes = publishes;
        this.ledger = ledger;
        if (!publishes) {
            ledger.subscribes(name(), Set.of(topic()));
        }
    }

    String name() {
        return (publishes ? "publisher" : "subscriber") + "-qos" + qos;
    }

    /** What went wrong so far, in words. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Starts it and waits until it is connected. */
    void start(Duration patience) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.addAll(List.of(
                "-cp",
                place(MqttClientMain.class) + File.pathSeparator + place(MqttAsyncClient.class),
                MqttClientMain.class.getName()));
        String home = Files.createDirectories(directory.resolve(name())).toString();
        command.addAll(List.of(server.mqtt(), name(), home, topic(), Integer.toString(qos)));
        command.add(lives++ == 0 ? "first" : "again");
        if (publishes) {
            command.add(Long.toString(next));
        }
        ready = false;
        child = Child.start(command, name(), this::book, failures::add);
        if (!Pause.until(patience, () -> ready)) {
            throw new IllegalStateException(name() + " is not connected after " + patience + " " + failures);
        }
    }

    /** {@code kill -9}; returns when all it said is booked. */
    void kill() throws InterruptedException {
        Child running = child;
        child = null;
        if (running != null) {
            running.end(true, () -> {});
        }
    }

    private String topic() {
        return "killed/qos" + qos;
    }

    private void book(String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "READY" -> ready = true;
            case ">" -> sends(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "<" -> acknowledged(Integer.parseInt(words[1]));
            case "+" -> receives(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "-" -> inHand.remove(Integer.parseInt(words[1]));
            default -> failures.add(name() + ": " + line);
        }
    }

    private void sends(int id, long number) {
        if (number == next) { // else the client was not connected, and it is the same again
            ledger.next(topic());
            next++;
        }
        inHand.put(id, number);
    }

    private void acknowledged(int id) {
        Long number = inHand.remove(id);
        if (number == null) {
            failures.add(name() + ": an answer for packet identifier " + id + ", which is not in use");
        } else {
            ledger.acknowledged(new Stamp(topic(), number));
        }
    }

    /** The same packet again, because the broker has not seen the PUBREC, is no second message. */
    private void receives(int id, long number) {
        boolean resent = qos == 2 && Long.valueOf(number).equals(inHand.put(id, number));
        if (!resent) {
            ledger.received(name(), new Stamp(topic(), number).body(100));
        }
    }

    private static String place(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }
}
