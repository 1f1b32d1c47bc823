/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import org.jspecify.annotations.Nullable;

/** The values that the identifiers of a filter stand for: those of one message. */
public interface Attributes {
    /** The value of a name: Boolean, String, a boxed number, or null if there is none. */
    @Nullable
    Object get(String name);

    /**
     * Whether text is all that the publisher could write, so that text which looks like a number or a truth value
     * compares as one where the filter has one. False for what JMS has typed.
     */
    boolean looselyTyped();
}
