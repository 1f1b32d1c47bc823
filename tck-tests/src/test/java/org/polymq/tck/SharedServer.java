/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/** One server for all tests of a class, on free ports and a temporary directory. Shows its log when a test fails. */
final class SharedServer implements BeforeAllCallback, AfterAllCallback, AfterTestExecutionCallback {
    private static final int LOG_TAIL = 4_000;

    private final Map<String, Object> settings = new LinkedHashMap<>();
    private @Nullable Path directory;
    private @Nullable BrokerProcess server;

    /** Adds an option {@code --set key=value}. */
    SharedServer with(String key, Object value) {
        settings.put(key, value);
        return this;
    }

    Endpoints at() {
        return process().endpoints();
    }

    BrokerProcess process() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        directory = Files.createTempDirectory("polymq-tck");
        BrokerProcess started = BrokerProcess.in(directory);
        settings.forEach(started::with);
        server = started;
        started.start();
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent() && server != null) {
            String log = server.log();
            System.out.println("server's log: " + log.substring(Math.max(0, log.length() - LOG_TAIL)));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (server != null && server.isAlive()) {
            server.stop();
        }
        if (directory != null) {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
