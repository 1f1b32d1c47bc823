/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

import java.util.Locale;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/** What kinds of things permissions name. Stored by {@link #code}, never by ordinal. */
public enum ResourceType {
    /** Everything, system names included. Only permissions have this type. */
    ANY(0),
    /** A topic by its canonical name; patterns are MQTT filters. */
    TOPIC(1),
    /** A queue by its name; patterns may hold {@code *}. */
    QUEUE(2),
    /** A native group, a shared subscription's name or an MQTT share name; patterns may hold {@code *}. */
    GROUP(3),
    /** A client id; patterns may hold {@code *}. */
    CLIENT(4),
    /** The broker and its cluster: administration that belongs to no single topic, queue or group. */
    CLUSTER(5),
    /** A temporary destination. Permissions cannot name one: see {@link Resource#temporary}. */
    TEMPORARY(6),
    /**
     * A subscription's filter, letter by letter: {@code filter:#} is that one filter and says nothing of others, nor of
     * the topics that it matches. Only permissions have this type.
     */
    FILTER(7);

    private final int code;

    ResourceType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static ResourceType of(int code) {
        for (ResourceType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new IllegalArgumentException("unknown type of a resource " + code);
    }

    /** The type as people write it, such as {@code topic}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws BrokerException INVALID_REQUEST if no permission has this type */
    public static ResourceType ofWord(String word) {
        for (ResourceType type : values()) {
            if (type != TEMPORARY && type.word().equals(word.toLowerCase(Locale.ROOT))) {
                return type;
            }
        }
        throw new BrokerException(
                Reason.INVALID_REQUEST, "a permission is on any, topic, filter, queue, group, client or cluster");
    }
}
