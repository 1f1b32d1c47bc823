/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.jms;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Runs one class of the TCK in a JVM of its own. Immutable. */
final class TckRun {
    /** One class; the slowest takes some three minutes. */
    private static final Duration CLASS_LIMIT = Duration.ofMinutes(20);

    private final Path jar;
    private final Path reports;
    private final Duration testLimit;

    TckRun(Path jar, Path reports, Duration testLimit) {
        this.jar = jar;
        this.reports = reports;
        this.testLimit = testLimit;
    }

    /** Runs the whole class, or only the methods given. */
    TckResults run(String testClass, TckBroker broker, List<String> methods, String suffix)
            throws IOException, InterruptedException {
        Path directory = Files.createDirectories(reports.resolve(testClass + suffix));
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        writeProperties(temporary);
        Path log = directory.resolve("output.txt");
        Process process = new ProcessBuilder(command(testClass, broker, methods, directory, temporary))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .directory(temporary.toFile())
                .start();
        String ending;
        try {
            if (process.waitFor(CLASS_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                ending = "its JVM ended with " + process.exitValue() + " and no report; see " + log;
            } else {
                ending = "not done after " + CLASS_LIMIT.toMinutes() + " minutes; see " + log;
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return TckResults.read(testClass, directory, ending);
    }

    /**
     * The TCK reads its properties from a file in the temporary directory, so each JVM has one of its own. The porting
     * class is one of them.
     */
    private static void writeProperties(Path temporary) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("porting.ts.jmsObjects.class.1", PortedObjects.class.getName());
        settings(temporary).forEach(pair -> properties.setProperty(pair.name(), pair.value()));
        try (var out = Files.newOutputStream(temporary.resolve(System.getProperty("user.name") + "-cts-props.txt"))) {
            properties.store(out, null);
        }
    }

    private record Setting(String name, String value) {}

    /** What the TCK's own runners set as system properties. */
    private static List<Setting> settings(Path temporary) {
        return List.of(
                new Setting("user", "j2ee"),
                new Setting("password", TckBroker.passwordOf("j2ee")),
                new Setting("authuser", "javajoe"),
                new Setting("authpassword", TckBroker.passwordOf("javajoe")),
                new Setting("jms_timeout", "10000"),
                new Setting("platform.mode", "standalone"),
                new Setting("vehicle", "standalone"),
                new Setting("webServerHost", "localhost"),
                new Setting("webServerPort", "0"),
                new Setting("user.dir", temporary.toString()));
    }

    private List<String> command(
            String testClass, TckBroker broker, List<String> methods, Path directory, Path temporary) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.add("-D" + PortedObjects.BROKER + "=" + broker.address());
        settings(temporary).forEach(pair -> command.add("-D" + pair.name() + "=" + pair.value()));
        command.addAll(List.of("-cp", jar + File.pathSeparator + System.getProperty("java.class.path")));
        command.add(TckClassMain.class.getName());
        command.addAll(List.of(directory.toString(), Long.toString(testLimit.toSeconds()), testClass));
        command.addAll(methods);
        return command;
    }
}
