/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

/**
 * A word of a filter's text.
 *
 * @param kind what it is
 * @param text as written; of a string literal without its quotes
 * @param number the value of a number literal: Long, Double or BigInteger (2 to the 63rd); 0 otherwise
 * @param at where it begins, from 0
 */
record Token(Kind kind, String text, Number number, int at) {
    enum Kind {
        WORD,
        STRING,
        NUMBER,
        SYMBOL,
        END
    }

    Token(Kind kind, String text, int at) {
        this(kind, text, 0, at);
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    boolean isSymbol(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case END -> "the end";
            case STRING -> "the string '" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "'";
            default -> "'" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "'";
        };
    }
}
