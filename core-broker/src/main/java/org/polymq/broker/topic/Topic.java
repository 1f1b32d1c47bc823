/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.topic;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.state.ControlRecord;

/**
 * A topic: the first level of names, or a queue. Immutable; a change replaces it.
 *
 * @param id number that is never reused
 * @param name the decoded first level, or the queue's name
 * @param kind topic or queue
 * @param queues how many queues there are, 1 to {@link #MAX_QUEUES}; it never becomes less, so that what was written
 *     can be read
 * @param writeQueues how many of them native producers are told to write to
 * @param readQueues how many of them native consumers are told to read
 * @param hashedQueues over how many of them messages of JMS and MQTT are spread: the number at creation, so that
 *     growing does not take a key to another queue
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
        int writeQueues,
        int readQueues,
        int hashedQueues,
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
        if (queues > MAX_QUEUES
                || !isPartOf(queues, writeQueues)
                || !isPartOf(queues, readQueues)
                || !isPartOf(queues, hashedQueues)) {
            throw new IllegalArgumentException("topic " + name + " cannot have " + queues + " queues (" + writeQueues
                    + " to write, " + readQueues + " to read): 1 to " + MAX_QUEUES);
        }
    }

    private static boolean isPartOf(int queues, int part) {
        return part >= 1 && part <= queues;
    }

    /** How many queues native clients may name: those written to and those read. */
    public int openQueues() {
        return Math.max(writeQueues, readQueues);
    }

    /** How many queues a message may choose from by its hash. */
    public int spread() {
        return Math.min(hashedQueues, writeQueues);
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

    /** @throws BrokerException NO_PERMISSION if the topic's permissions do not let anybody publish */
    public void checkWritable() {
        if (!writable()) {
            throw new BrokerException(
                    Reason.NO_PERMISSION, "'" + name + "' is not writable: its permissions (perm) lack 2");
        }
    }

    /** @throws BrokerException NO_PERMISSION if the topic's permissions do not let anybody consume */
    public void checkReadable() {
        if (!readable()) {
            throw new BrokerException(
                    Reason.NO_PERMISSION, "'" + name + "' is not readable: its permissions (perm) lack 4");
        }
    }

    /** The same topic turned into a queue; it keeps its queues. */
    Topic asQueue() {
        return new Topic(
                id,
                name,
                TopicKind.QUEUE,
                queues,
                writeQueues,
                readQueues,
                hashedQueues,
                permissions,
                ordered,
                origin,
                retentionMillis,
                attributes);
    }

    /** The same topic with other settings; the queues it has stay. */
    Topic changedTo(Topic asked) {
        return new Topic(
                id,
                name,
                asked.kind,
                Math.max(queues, asked.queues),
                asked.writeQueues,
                asked.readQueues,
                hashedQueues,
                asked.permissions,
                asked.ordered,
                asked.origin,
                asked.retentionMillis,
                asked.attributes);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(id);
        out.writeUTF(name);
        out.writeByte(kind.code());
        out.writeShort(queues);
        out.writeShort(writeQueues);
        out.writeShort(readQueues);
        out.writeShort(hashedQueues);
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
                in.readUnsignedShort(),
                in.readUnsignedShort(),
                in.readByte(),
                in.readBoolean(),
                Origin.of(in.readByte()),
                in.readLong(),
                ControlRecord.readTexts(in));
    }
}
