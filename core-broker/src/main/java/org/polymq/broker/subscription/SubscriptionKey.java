/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.subscription;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.polymq.broker.state.ControlRecord;

/**
 * Who consumes. The same word in two protocols is never the same subscription.
 *
 * @param owner the client id, or empty
 * @param name the subscription's or queue's name, or empty
 */
public record SubscriptionKey(Kind kind, String owner, String name) {
    /** Numbers are part of the file format. */
    public enum Kind {
        /** The one shared subscription of a queue. */
        QUEUE(0),
        /** A durable JMS subscription: client id (or empty) and name. */
        JMS_DURABLE(1),
        /** A persistent MQTT session: its client id is the owner. */
        MQTT_SESSION(2),
        /** A shared JMS subscription that lives as long as its consumers: client id (or empty) and name. */
        JMS_SHARED(3),
        /** A shared MQTT subscription: its share name is the owner, its filter the name. */
        MQTT_SHARED(10),
        /** What a native group acknowledges of one queue of a topic (POP): group, and topic and queue. */
        POP(20),
        /** What a connector takes out of the log for another system: its name, and the part of its work. */
        CONNECTOR(30);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        private static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("unknown kind of subscription " + code);
        }
    }

    public static SubscriptionKey queue(String name) {
        return new SubscriptionKey(Kind.QUEUE, "", name);
    }

    public static SubscriptionKey jmsDurable(String clientId, String name) {
        return new SubscriptionKey(Kind.JMS_DURABLE, clientId, name);
    }

    public static SubscriptionKey jmsShared(String clientId, String name) {
        return new SubscriptionKey(Kind.JMS_SHARED, clientId, name);
    }

    public static SubscriptionKey mqttSession(String clientId) {
        return new SubscriptionKey(Kind.MQTT_SESSION, clientId, "");
    }

    public static SubscriptionKey mqttShared(String shareName, String filter) {
        return new SubscriptionKey(Kind.MQTT_SHARED, shareName, filter);
    }

    public static SubscriptionKey pop(String group, String topic, int queue) {
        return new SubscriptionKey(Kind.POP, group, topic + "/" + queue);
    }

    public static SubscriptionKey connector(String connector, String part) {
        return new SubscriptionKey(Kind.CONNECTOR, connector, part);
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(kind.code);
        ControlRecord.writeText(out, owner);
        ControlRecord.writeText(out, name);
    }

    static SubscriptionKey read(DataInput in) throws IOException {
        return new SubscriptionKey(Kind.of(in.readByte()), ControlRecord.readText(in), ControlRecord.readText(in));
    }
}
