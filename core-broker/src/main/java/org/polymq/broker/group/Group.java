/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

/**
 * A native consumer group and its settings.
 *
 * @param name up to 120 characters
 * @param consumeEnabled whether members may consume
 * @param broadcastEnabled whether members may consume as broadcast
 * @param maxRetries after how many returned deliveries a message goes to the dead letters
 */
public record Group(String name, boolean consumeEnabled, boolean broadcastEnabled, int maxRetries) {
    public static final int DEFAULT_MAX_RETRIES = 16;

    public static Group of(String name) {
        return new Group(name, true, true, DEFAULT_MAX_RETRIES);
    }
}
