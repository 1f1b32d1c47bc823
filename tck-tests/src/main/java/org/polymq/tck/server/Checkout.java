/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the checkout that this program was built in, and the server that is tested. */
public final class Checkout {
    private Checkout() {}

    /**
     * The nearest directory above the working directory, or that one itself, that holds {@code tck-tests/pom.xml}.
     *
     * @throws IllegalStateException if there is none
     */
    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("tck-tests/pom.xml"))) {
                return at;
            }
        }
        throw new IllegalStateException(start + " is not inside a PolyMQ checkout");
    }

    /**
     * The command line that is tested: that of the unpacked archive which the environment variable {@code POLYMQ_HOME}
     * names, else the checkout's. {@code POLYMQ_JAVA_HOME} is the Java it runs on, if it is another than the tests'.
     *
     * @param arguments of the command
     */
    public static ProcessBuilder polymq(List<String> arguments) {
        String home = System.getenv("POLYMQ_HOME");
        Path directory = home == null || home.isEmpty() ? root() : Path.of(home);
        List<String> command = new ArrayList<>();
        command.add(directory.resolve("bin/polymq").toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        if (Files.isDirectory(directory.resolve("distribution/target/polymq/lib"))) {
            builder.environment().put("POLYMQ_NO_BUILD", "1"); // built by whoever built this suite
        }
        String java = System.getenv("POLYMQ_JAVA_HOME");
        if (java != null && !java.isEmpty()) {
            builder.environment().put("JAVA_HOME", java);
        }
        return builder;
    }
}
