/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import org.jspecify.annotations.Nullable;

/**
 * A comparison operator. Unknown compared with anything is unknown; values of different types are neither equal nor
 * different (Jakarta Messaging 3.1, 3.8.1.1); text and truth values have no order.
 */
enum Comparison {
    EQUAL("="),
    DIFFERENT("<>"),
    LESS("<"),
    AT_MOST("<="),
    MORE(">"),
    AT_LEAST(">=");

    private final String symbol;

    Comparison(String symbol) {
        this.symbol = symbol;
    }

    static @Nullable Comparison ofSymbol(Token token) {
        for (Comparison comparison : values()) {
            if (token.isSymbol(comparison.symbol)) {
                return comparison;
            }
        }
        return null;
    }

    boolean isOrder() {
        return this != EQUAL && this != DIFFERENT;
    }

    /** @param loose whether text is compared as what stands on the other side */
    @Nullable
    Boolean of(@Nullable Object left, @Nullable Object right, boolean loose) {
        if (left == null || right == null) {
            return null;
        }
        if (loose && (left instanceof String || right instanceof String)) {
            return ofLoose(left, right);
        }
        return ofStrict(left, right);
    }

    private boolean ofStrict(Object left, Object right) {
        if (left instanceof Number a && right instanceof Number b) {
            return ofNumbers(a, b);
        }
        boolean alike = (left instanceof String && right instanceof String)
                || (left instanceof Boolean && right instanceof Boolean);
        return alike && !isOrder() && left.equals(right) == (this == EQUAL);
    }

    private boolean ofNumbers(Number a, Number b) {
        if (Double.isNaN(a.doubleValue()) || Double.isNaN(b.doubleValue())) {
            return this == DIFFERENT; // as in Java
        }
        int order = Arithmetic.compare(a, b);
        return switch (this) {
            case EQUAL -> order == 0;
            case DIFFERENT -> order != 0;
            case LESS -> order < 0;
            case AT_MOST -> order <= 0;
            case MORE -> order > 0;
            case AT_LEAST -> order >= 0;
        };
    }

    private boolean ofLoose(Object left, Object right) {
        boolean numbers = left instanceof Number || right instanceof Number || isOrder();
        boolean truths = left instanceof Boolean || right instanceof Boolean;
        Object a = left instanceof String text ? read(text, numbers, truths) : left;
        Object b = right instanceof String text ? read(text, numbers, truths) : right;
        return a != null && b != null && ofStrict(a, b);
    }

    private static @Nullable Object read(String text, boolean number, boolean truth) {
        return number ? Arithmetic.numberIn(text) : truth ? truthOf(text) : text;
    }

    static @Nullable Boolean truthOf(String text) {
        return text.equalsIgnoreCase("true") ? Boolean.TRUE : text.equalsIgnoreCase("false") ? Boolean.FALSE : null;
    }
}
