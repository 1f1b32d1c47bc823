/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

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
import org.polymq.tck.server.AdminApi;
import org.polymq.tck.server.BrokerProcess;
import org.polymq.tck.server.Endpoints;

/** One server with security on for all tests of a class, and its administrator. */
final class SecuredServer implements BeforeAllCallback, AfterAllCallback, AfterTestExecutionCallback {
    private static final int LOG_TAIL = 4_000;

    private final Map<String, Object> settings = new LinkedHashMap<>();
    private @Nullable Path directory;
    private @Nullable BrokerProcess server;
    private @Nullable AdminApi admin;

    /** Adds an option {@code --set key=value}. */
    SecuredServer with(String key, Object value) {
        settings.put(key, value);
        return this;
    }

    Endpoints at() {
        return process().endpoints();
    }

    AdminApi admin() {
        if (admin == null) {
            throw new IllegalStateException("not started");
        }
        return admin;
    }

    AuditLines audit() {
        return new AuditLines(process().data().resolve("audit"));
    }

    BrokerProcess process() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        directory = Files.createTempDirectory("polymq-tck-security");
        BrokerProcess started =
                BrokerProcess.in(directory).with("security.enabled", true).with("security.password-iterations", 1_000);
        settings.forEach(started::with);
        server = started;
        started.start();
        admin = AdminApi.first(started);
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
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
