/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.polymq.tck.server.Checkout;

/**
 * A Jakarta EE server that we did not write, with the adapter's archive and the test's application. Its zip lies in the
 * directory that the system property {@code polymq.servers} names. Used by one thread at a time.
 */
abstract class EeServer implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path directory;
    private final HttpClient http = HttpClient.newHttpClient();
    private Process process;

    EeServer(Path directory) {
        this.directory = directory;
    }

    /** Unpacks and configures it, starts it and deploys to it. */
    abstract void install() throws Exception;

    /** The command that runs it. */
    abstract ProcessBuilder command();

    /** Where the application listens. */
    abstract int port();

    final Path directory() {
        return directory;
    }

    final void launch() throws IOException {
        process = command()
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output().toFile()))
                .start();
    }

    private Path output() {
        return directory.resolve("server.out");
    }

    /** What it printed since it was started first. */
    final String said() throws IOException {
        return Files.exists(output()) ? Files.readString(output()) : "";
    }

    final void awaitApplication() {
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> isOk(Map.of("do", "ping")));
    }

    private boolean isOk(Map<String, String> request) {
        try {
            return control(request).contains("OK");
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code kill -9} of the server and of what started it; returns when they are gone. */
    final void kill() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().orTimeout(60, TimeUnit.SECONDS).join());
    }

    @Override
    public final void close() {
        if (process != null) {
            kill();
        }
    }

    // ---- the application

    /** Tells the application something and answers the lines that it answers. */
    final List<String> control(Map<String, String> request) throws IOException {
        try {
            return http.send(toHttp(request), BodyHandlers.ofString())
                    .body()
                    .lines()
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Tells it something that will not be answered. */
    final CompletableFuture<?> begin(Map<String, String> request) {
        return http.sendAsync(toHttp(request), BodyHandlers.ofString());
    }

    private HttpRequest toHttp(Map<String, String> request) {
        String query = request.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/app/control?" + query))
                .timeout(Duration.ofMinutes(2))
                .build();
    }

    // ---- files

    /** What this checkout has built. */
    static Path built(String module, String extension) throws IOException {
        try (Stream<Path> files = Files.list(Checkout.root().resolve(module).resolve("target"))) {
            return files.filter(file -> file.toString().endsWith(extension))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("build " + module + " first"));
        }
    }

    /** Unpacks a server whose zip's name begins so; answers its one top directory. */
    final Path unpack(String name) throws IOException {
        Path top = directory;
        try (InputStream file = Files.newInputStream(fetched(name));
                ZipInputStream entries = new ZipInputStream(file)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                top = directory.resolve(Path.of(entry.getName()).getName(0));
                Path target = directory.resolve(entry.getName()).normalize();
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(entries, target);
                }
            }
        }
        return top;
    }

    /** A file among the servers' zips whose name begins so. */
    static Path fetched(String name) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("polymq.servers")))) {
            return files.filter(file -> file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + name + " in polymq.servers"));
        }
    }

    static void edit(Path file, Map<String, String> replacements) throws IOException {
        String text = Files.readString(file);
        for (Map.Entry<String, String> each : replacements.entrySet()) {
            if (!text.contains(each.getKey())) {
                throw new IllegalStateException(file + " has no " + each.getKey());
            }
            text = text.replace(each.getKey(), each.getValue());
        }
        Files.writeString(file, text);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static List<String> with(List<String> first, String... rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all;
    }
}
