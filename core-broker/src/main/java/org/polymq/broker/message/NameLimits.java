/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.message;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;

/**
 * How long and deep a topic name or filter may be, in every protocol the same.
 *
 * @param length characters of the MQTT form; at least 1
 * @param levels at least 1
 */
public record NameLimits(int length, int levels) {
    /** Any name that the protocols allow. */
    public static final NameLimits NONE = new NameLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

    public NameLimits {
        if (length < 1 || levels < 1) {
            throw new IllegalArgumentException("names of " + length + " characters and " + levels + " levels");
        }
    }

    /** @throws BrokerException INVALID_NAME if an address is too long or too deep */
    public void check(Address address) {
        check(address.topic(), address.path());
    }

    /** @throws BrokerException INVALID_NAME if an MQTT filter is too long or too deep */
    public void check(String filter) {
        check(filter, null);
    }

    /** @throws BrokerException INVALID_NAME if a first level and what is below it are too long or too deep */
    public void check(String topic, @Nullable String path) {
        int length = topic.length() + (path == null ? 0 : 1 + path.length());
        if (length > this.length) {
            throw new BrokerException(
                    Reason.INVALID_NAME,
                    "a topic name of " + length + " characters exceeds the limit of " + this.length
                            + " (limits.topic-length)");
        }
        int levels = 1 + slashes(topic) + (path == null ? 0 : 1 + slashes(path));
        if (levels > this.levels) {
            throw new BrokerException(
                    Reason.INVALID_NAME,
                    "a topic name of " + levels + " levels exceeds the limit of " + this.levels
                            + " (limits.topic-levels)");
        }
    }

    private static int slashes(String text) {
        int count = 0;
        for (int at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1)) {
            count++;
        }
        return count;
    }
}
