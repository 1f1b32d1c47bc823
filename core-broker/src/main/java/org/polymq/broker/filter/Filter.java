/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.message.StoredMessage;

/**
 * A condition on a message's headers and properties: the selectors of Jakarta Messaging 3.1 (3.8.1) with RocketMQ's
 * {@code CONTAINS}, {@code STARTSWITH} and {@code ENDSWITH}. Logic is three-valued: only what is true matches.
 *
 * <p>Immutable; safe from any thread. Two filters are equal if their texts are.
 */
public final class Filter {
    /** The longest text, in UTF-16 units. */
    public static final int MAX_LENGTH = 32_768;

    /** How deep parentheses may be nested. */
    public static final int MAX_DEPTH = 100;

    private final String text;
    private final Expression condition;

    private Filter(String text, Expression condition) {
        this.text = text;
        this.condition = condition;
    }

    /**
     * Compiles a text, in time that grows linearly with its length.
     *
     * @throws BrokerException INVALID_SELECTOR with the place and what was expected there
     */
    public static Filter compile(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new BrokerException(
                    Reason.INVALID_SELECTOR,
                    "the selector has " + text.length() + " characters, more than the limit of " + MAX_LENGTH);
        }
        return new Filter(text, new Parser(text).parse());
    }

    /** The text it was compiled from. */
    public String text() {
        return text;
    }

    /** Whether the condition is true for a message. What the condition does not name is not decoded. */
    public boolean matches(StoredMessage message) {
        return matches(new MessageAttributes(message));
    }

    /** Whether the condition is true. */
    public boolean matches(Attributes attributes) {
        return Boolean.TRUE.equals(condition.truth(attributes));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Filter that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
