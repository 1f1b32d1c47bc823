/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import org.polymq.broker.state.ControlRecord;

/**
 * A topic: the first level of names, or a queue. Immutable; a change replaces it.
 *
 * @param id number that is never reused
 * @param name the decoded first level, or the queue's name
 * @param kind topic or queue
 * @param queues how many queues messages are spread over, 1 to {@link #MAX_QUEUES}
 * @param readQueues how many queues native consumers are told to read; at least {@code queues} normally
 * @param permissions RocketMQ's bits: 4 read, 2 write, 1 inherit
 * @param ordered RocketMQ's {@code order} flag, carried for clients
 * @param origin which protocol made it
 * @param retentionMillis how long messages are kept, ms; 0 means the broker's default for the origin
 * @param attributes what RocketMQ calls attributes; carried for clients
 */
public record Topic(
        int id,
        String name,
        TopicKind kind,
        int queues,
        int readQueues,
        int permissions,
        boolean ordered,
        Origin origin,
        long retentionMillis,
        Map<String, String> attributes) {

    public static final int MAX_QUEUES = 1024;
    public static final int READ = 4;
    public static final int WRITE = 2;

    /** Which protocol, or the operator, made a topic. */
    public enum Origin {
        NATIVE(0),
        JMS(1),
        MQTT(2),
        ADMIN(3);

        private final int code;

        Origin(int code) {
            this.code = code;
        }

        private static Origin of(int code) {
            for (Origin origin : values()) {
                if (origin.code == code) {
                    return origin;
                }
            }
            throw new IllegalArgumentException("unknown origin of a topic " + code);
        }
    }

    public Topic {
        attributes = Map.copyOf(attributes);
        if (queues < 1 || queues > MAX_QUEUES || readQueues < 1 || readQueues > MAX_QUEUES) {
            throw new IllegalArgumentException(
                    "topic " + name + " cannot have " + queues + " (" + readQueues + ") queues: 1 to " + MAX_QUEUES);
        }
    }

    /** The log's number of a queue of this topic. */
    public long queueKey(int queue) {
        return queueKey(id, queue);
    }

    public static long queueKey(int topicId, int queue) {
        return ((long) topicId << 16) | queue;
    }

    public boolean readable() {
        return (permissions & READ) != 0;
    }

    public boolean writable() {
        return (permissions & WRITE) != 0;
    }

    /** The same topic turned into a queue; it keeps its queues. */
    Topic asQueue() {
        return new Topic(
                id,
                name,
                TopicKind.QUEUE,
                queues,
                readQueues,
                permissions,
                ordered,
                origin,
                retentionMillis,
                attributes);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(id);
        out.writeUTF(name);
        out.writeByte(kind.code());
        out.writeShort(queues);
        out.writeShort(readQueues);
        out.writeByte(permissions);
        out.writeBoolean(ordered);
        out.writeByte(origin.code);
        out.writeLong(retentionMillis);
        ControlRecord.writeTexts(out, attributes);
    }

    static Topic read(DataInput in) throws IOException {
        return new Topic(
                in.readInt(),
                in.readUTF(),
                TopicKind.of(in.readByte()),
                in.readUnsignedShort(),
                in.readUnsignedShort(),
                in.readByte(),
                in.readBoolean(),
                Origin.of(in.readByte()),
                in.readLong(),
                ControlRecord.readTexts(in));
    }
}
