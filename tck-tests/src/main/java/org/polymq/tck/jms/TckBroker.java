/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Checkout;

/**
 * A fresh broker as the TCK needs it: authentication on, and its two users made by the command line. The destinations
 * are made when they are first used. Used by one thread at a time.
 */
final class TckBroker implements AutoCloseable {
    /** The users of the TCK. */
    static final List<String> USERS = List.of("j2ee", "javajoe");

    private final BrokerProcess process;

    private TckBroker(BrokerProcess process) {
        this.process = process;
    }

    static TckBroker start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        BrokerProcess process = BrokerProcess.in(directory).with("security.enabled", true);
        try {
            process.start();
            for (String user : USERS) {
                makeUser(process, directory, user);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.close();
            throw e;
        }
        return new TckBroker(process);
    }

    /** A password has eight characters at least, so the TCK is given others than the ones it proposes. */
    static String passwordOf(String user) {
        return user + "-tck";
    }

    private static void makeUser(BrokerProcess process, Path directory, String user)
            throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder(
                        Checkout.root().resolve("bin/polymq").toString(),
                        "user",
                        "create",
                        user,
                        "--allow",
                        "PUB,SUB any:*",
                        "--url",
                        "http://" + process.endpoints().dashboard(),
                        "--user",
                        "admin",
                        "--password-file",
                        process.data().resolve("admin-password").toString())
                .redirectErrorStream(true);
        command.environment().put("POLYMQ_NEW_PASSWORD", passwordOf(user));
        command.environment().put("POLYMQ_NO_BUILD", "1");
        Process running = command.redirectOutput(
                        directory.resolve(user + ".log").toFile())
                .start();
        if (!running.waitFor(2, TimeUnit.MINUTES)) {
            running.destroyForcibly();
            throw new IOException("polymq user create " + user + " does not end");
        }
        if (running.exitValue() != 0) {
            throw new IOException("polymq user create " + user + " failed: "
                    + Files.readString(directory.resolve(user + ".log"), StandardCharsets.UTF_8));
        }
    }

    /** Where JMS clients connect, {@code host:port}. */
    String address() {
        return process.endpoints().nativePort();
    }

    @Override
    public void close() {
        process.close();
    }
}
