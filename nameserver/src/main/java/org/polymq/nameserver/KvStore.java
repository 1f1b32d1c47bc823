/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import com.alibaba.fastjson2.JSONObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.JsonSafety;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.ResponseCode;

/**
 * Small key-value pairs by namespace, kept in one file that is replaced whole at each change: the old file or the new
 * one is there after a crash, never a half. Safe from any thread; changes block on the disk.
 */
final class KvStore {
    /** The namespace whose entries go to brokers and into routes. */
    static final String ORDER_TOPIC_CONFIG = "ORDER_TOPIC_CONFIG";

    private static final int FORMAT = 1;
    private static final int MAX_ENTRIES = 10_000;
    private static final int MAX_LENGTH = 64 * 1024;

    private final Path file;
    private SortedMap<String, SortedMap<String, String>> table;

    private KvStore(Path file, SortedMap<String, SortedMap<String, String>> table) {
        this.file = file;
        this.table = table;
    }

    /**
     * Reads the file, if it is there.
     *
     * @throws IOException also when the file holds something else, or a newer version wrote it: it is not overwritten
     *     then
     */
    static KvStore open(Path file) throws IOException {
        SortedMap<String, SortedMap<String, String>> table = new TreeMap<>();
        if (Files.exists(file)) {
            try {
                JSONObject json = JsonSafety.object(Files.readAllBytes(file));
                int format = json.getIntValue("formatVersion", FORMAT);
                if (format > FORMAT) {
                    throw new IOException(file + " has format " + format
                            + ", which a newer version wrote; this one reads up to " + FORMAT);
                }
                read(json, table);
            } catch (BadRequestException | ClassCastException e) {
                throw new IOException(file + " is no key-value file of a name server: " + e.getMessage(), e);
            }
        }
        return new KvStore(file, table);
    }

    private static void read(JSONObject json, SortedMap<String, SortedMap<String, String>> table) {
        for (Map.Entry<String, Object> namespace :
                ((JSONObject) json.getOrDefault("configTable", new JSONObject())).entrySet()) {
            SortedMap<String, String> entries = new TreeMap<>();
            ((JSONObject) namespace.getValue()).forEach((key, value) -> entries.put(key, (String) value));
            table.put(namespace.getKey(), entries);
        }
    }

    synchronized @Nullable String get(String namespace, String key) {
        SortedMap<String, String> entries = table.get(namespace);
        return entries == null ? null : entries.get(key);
    }

    /** The entries of a namespace; empty when there are none. */
    synchronized SortedMap<String, String> namespace(String namespace) {
        SortedMap<String, String> entries = table.get(namespace);
        return entries == null ? Collections.emptySortedMap() : new TreeMap<>(entries);
    }

    synchronized void put(String namespace, String key, String value) throws IOException {
        if (namespace.length() + key.length() + value.length() > MAX_LENGTH) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER,
                    "an entry of " + (namespace.length() + key.length() + value.length())
                            + " characters exceeds the limit of " + MAX_LENGTH);
        }
        if (table.values().stream().mapToInt(Map::size).sum() >= MAX_ENTRIES) {
            throw new BadRequestException(
                    ResponseCode.INVALID_PARAMETER, "the key-value store is full: " + MAX_ENTRIES + " entries");
        }
        SortedMap<String, SortedMap<String, String>> next = copy();
        next.computeIfAbsent(namespace, name -> new TreeMap<>()).put(key, value);
        save(next);
    }

    synchronized void delete(String namespace, String key) throws IOException {
        if (get(namespace, key) == null) {
            return;
        }
        SortedMap<String, SortedMap<String, String>> next = copy();
        next.computeIfPresent(namespace, (name, entries) -> {
            entries.remove(key);
            return entries.isEmpty() ? null : entries;
        });
        save(next);
    }

    private SortedMap<String, SortedMap<String, String>> copy() {
        SortedMap<String, SortedMap<String, String>> copy = new TreeMap<>();
        table.forEach((namespace, entries) -> copy.put(namespace, new TreeMap<>(entries)));
        return copy;
    }

    private void save(SortedMap<String, SortedMap<String, String>> next) throws IOException {
        JsonText out = new JsonText();
        out.open()
                .name("formatVersion")
                .value((long) FORMAT)
                .name("configTable")
                .open();
        next.forEach((namespace, entries) -> {
            out.name(namespace).open();
            entries.forEach((key, value) -> out.name(key).value(value));
            out.close();
        });
        replace(out.close().close().bytes());
        table = next;
    }

    private void replace(byte[] bytes) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException(file + " has no directory");
        }
        Files.createDirectories(directory);
        Path temporary = directory.resolve(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
