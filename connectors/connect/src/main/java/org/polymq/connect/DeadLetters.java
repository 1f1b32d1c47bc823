/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.connector.ConnectorContext;
import org.polymq.broker.connector.ReadMessage;
import org.polymq.broker.message.Message;
import org.polymq.broker.message.Names;
import org.polymq.broker.message.Property;

/** Where a sink's records go that fail: to a topic, as they came, with what failed if that is wanted. */
final class DeadLetters {
    private static final String HEADER = "__connect.errors.";

    private final ConnectorContext context;
    private final int task;
    private final String connectorClass;
    private final String topic;
    private final boolean headers;

    DeadLetters(ConnectorContext context, int task, CommonConfig config) {
        this.context = context;
        this.task = task;
        this.connectorClass = config.text(CommonConfig.CLASS_KEY);
        this.topic = config.text(CommonConfig.DEAD_LETTERS);
        this.headers = config.getBoolean(CommonConfig.DEAD_LETTER_HEADERS);
    }

    boolean exists() {
        return !topic.isEmpty();
    }

    /** Stores a message there; it is there when this returns. Without a topic it is only counted. */
    void add(ReadMessage read, String stage, @Nullable Throwable error) throws InterruptedException {
        if (!exists()) {
            context.counters().skipped();
            return;
        }
        Message original = read.message().toMessage();
        List<Property> properties = new ArrayList<>(original.properties());
        if (headers) {
            properties.addAll(describe(read, stage, error));
        }
        Message letter = original.toBuilder()
                .address(Names.ofMqtt(topic))
                .expiresAt(0)
                .deliverAt(0)
                .retain(false)
                .properties(properties)
                .build();
        try {
            context.store(List.of(letter), Map.of());
        } catch (BrokerException e) {
            throw new ConnectException("the dead letter cannot be stored in " + topic + ": " + e.getMessage(), e);
        }
        context.counters().deadLetter();
    }

    private List<Property> describe(ReadMessage read, String stage, @Nullable Throwable error) {
        List<Property> all = new ArrayList<>();
        add(all, "topic", read.queue().topic());
        add(all, "partition", Integer.toString(read.queue().queue()));
        add(all, "offset", Long.toString(read.offset()));
        add(all, "connector.name", context.name());
        add(all, "task.id", Integer.toString(task));
        add(all, "stage", stage);
        add(all, "class.name", connectorClass);
        if (error != null) {
            add(all, "exception.class.name", error.getClass().getName());
            add(all, "exception.message", String.valueOf(error.getMessage()));
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace));
            add(all, "exception.stacktrace", trace.toString());
        }
        return all;
    }

    private static void add(List<Property> properties, String name, String value) {
        properties.add(Property.of(HEADER + name, value));
    }
}
