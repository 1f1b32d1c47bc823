/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log as JSON lines in {@code audit.log}, written by a thread of its own. At its size limit the file becomes
 * {@code audit.1.log}, which becomes {@code audit.2.log}, and the oldest is deleted. What comes faster than the disk
 * takes it is counted and said in a line. Safe from any thread.
 */
public final class AuditFile implements Audit {
    private static final Logger log = LoggerFactory.getLogger(AuditFile.class);
    private static final int MOST_WAITING = 10_000;
    private static final JsonFactory JSON = new JsonFactory();

    private final Path directory;
    private final long fileSize;
    private final int files;
    private final InstantSource clock;
    private final BlockingQueue<Line> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder dropped = new LongAdder();
    private final Thread writer;
    private FileChannel file;
    private volatile boolean closing;

    private record Line(Instant time, Event event) {}

    private AuditFile(Path directory, long fileSize, int files, InstantSource clock) throws IOException {
        this.directory = directory;
        this.fileSize = fileSize;
        this.files = files;
        this.clock = clock;
        Files.createDirectories(directory);
        this.file = openFile();
        this.writer = new Thread(this::run, "polymq-audit");
        writer.setDaemon(true);
    }

    /** @throws IOException if the directory or the file cannot be written */
    public static AuditFile open(Path directory, long fileSize, int files, InstantSource clock) throws IOException {
        AuditFile audit = new AuditFile(directory, fileSize, files, clock);
        audit.writer.start();
        return audit;
    }

    @Override
    public void write(Event event) {
        if (closing || !waiting.offer(new Line(clock.instant(), event))) {
            dropped.increment();
        }
    }

    /** Lines that were not written since the start. */
    public long dropped() {
        return dropped.sum();
    }

    private void run() {
        long said = 0;
        try {
            while (!closing || !waiting.isEmpty()) {
                Line line = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (line != null) {
                    append(line);
                }
                long lost = dropped.sum();
                if (lost != said && waiting.isEmpty()) {
                    said = lost;
                    append(new Line(
                            clock.instant(),
                            new Event(
                                    Kind.ADMIN,
                                    "",
                                    new Origin("broker", ""),
                                    "audit lines lost",
                                    Map.of("lost since start", Long.toString(lost)))));
                }
            }
            file.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.error("the audit log in {} cannot be written any more", directory, e);
            closing = true;
        }
    }

    private void append(Line line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(json(line));
        if (file.size() > 0 && file.size() + bytes.remaining() > fileSize) {
            rotate();
        }
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private void rotate() throws IOException {
        file.close();
        for (int number = files - 1; number >= 1; number--) {
            Path from = number == 1 ? directory.resolve("audit.log") : numbered(number - 1);
            if (Files.exists(from)) {
                Files.move(from, numbered(number), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        file = openFile();
    }

    private Path numbered(int number) {
        return directory.resolve("audit." + number + ".log");
    }

    private FileChannel openFile() throws IOException {
        Path path = directory.resolve("audit.log");
        if (!Files.exists(path)) {
            PrivateFile.write(path, "");
        }
        return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /** One line; everything that comes from a client is escaped by JSON's rules. */
    private static byte[] json(Line line) throws IOException {
        Event event = line.event();
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("time", line.time().toString());
            json.writeStringField("event", event.kind().name().toLowerCase(Locale.ROOT));
            json.writeStringField("user", event.principal());
            json.writeStringField("protocol", event.origin().protocol());
            json.writeStringField("address", event.origin().address());
            json.writeStringField("what", event.what());
            if (!event.details().isEmpty()) {
                json.writeObjectFieldStart("details");
                for (Map.Entry<String, String> detail : new TreeMap<>(event.details()).entrySet()) {
                    json.writeStringField(detail.getKey(), detail.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        out.write("\n".getBytes(UTF_8));
        return out.toByteArray();
    }

    @Override
    public void close() {
        closing = true;
        try {
            writer.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
