/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/**
 * The offsets of a source among the connector's positions: partition and offset are JSON without schemas each, whatever
 * the data's converter is. Safe from any thread.
 */
final class StoredOffsets implements OffsetStorageReader, AutoCloseable {
    private static final String TOPIC = "";

    private final Supplier<Map<String, String>> positions;
    private final JsonConverter json = new JsonConverter();

    StoredOffsets(Supplier<Map<String, String>> positions) {
        this.positions = positions;
        json.configure(Map.of("schemas.enable", "false"), false);
    }

    /** Puts the record's offset into a table of positions. */
    void put(SourceRecord record, Map<String, String> into) {
        if (record.sourcePartition() != null && record.sourceOffset() != null) {
            into.put(text(record.sourcePartition()), text(record.sourceOffset()));
        }
    }

    /** The same table is always the same text. */
    private synchronized String text(Map<String, ?> table) {
        try {
            return new String(json.fromConnectData(TOPIC, null, new TreeMap<>(table)), UTF_8);
        } catch (RuntimeException e) {
            throw new ConnectException(
                    "a source's partition or offset may hold texts, numbers and booleans only: " + e.getMessage(), e);
        }
    }

    @Override
    public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
        String text = positions.get().get(text(partition));
        return text == null ? null : table(text);
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
        for (Map<String, T> partition : partitions) {
            Map<String, Object> offset = offset(partition);
            if (offset != null) {
                found.put(partition, offset);
            }
        }
        return found;
    }

    private synchronized Map<String, Object> table(String text) {
        Map<String, Object> table = new HashMap<>();
        Object value = json.toConnectData(TOPIC, text.getBytes(UTF_8)).value();
        if (value instanceof Map<?, ?> entries) {
            entries.forEach((key, each) -> table.put(String.valueOf(key), each));
        }
        return table;
    }

    @Override
    public void close() {
        json.close();
    }
}
