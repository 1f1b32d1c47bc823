/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.security;

/**
 * Who acts.
 *
 * @param name the user's name; empty for {@link #ANONYMOUS}
 */
public record Principal(String name) {
    /** Everybody while security is off. */
    public static final Principal ANONYMOUS = new Principal("");

    /** The broker itself: what no client asked for. */
    public static final Principal BROKER = new Principal("$broker");

    @Override
    public String toString() {
        return name.isEmpty() ? "(anonymous)" : name;
    }
}
