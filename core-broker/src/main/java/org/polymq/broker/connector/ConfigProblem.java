/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

/**
 * What is wrong with one key of a configuration.
 *
 * @param key the key, or empty if it is the whole
 * @param message what is wrong and what is allowed
 */
public record ConfigProblem(String key, String message) {
    @Override
    public String toString() {
        return key.isEmpty() ? message : key + ": " + message;
    }
}
