/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A part of a filter that has a value: a Boolean, a String, a number, or null for unknown. Immutable. */
sealed interface Expression {
    /** What can be known of a value before there is a message. */
    enum Type {
        BOOLEAN,
        NUMBER,
        STRING,
        /** That of an identifier. */
        ANY
    }

    @Nullable
    Object evaluate(Attributes attributes);

    Type type();

    /** A truth value, or null for unknown, which is also what is neither true nor false. */
    default @Nullable Boolean truth(Attributes attributes) {
        return evaluate(attributes) instanceof Boolean truth ? truth : null;
    }

    record Literal(Object value, Type type) implements Expression {
        @Override
        public Object evaluate(Attributes attributes) {
            return value;
        }
    }

    record Identifier(String name) implements Expression {
        @Override
        public @Nullable Object evaluate(Attributes attributes) {
            return attributes.get(name);
        }

        // Where the publisher had only text, its words for true and false are the truth values.
        @Override
        public @Nullable Boolean truth(Attributes attributes) {
            Object value = attributes.get(name);
            if (value instanceof String text && attributes.looselyTyped()) {
                return Comparison.truthOf(text);
            }
            return value instanceof Boolean truth ? truth : null;
        }

        @Override
        public Type type() {
            return Type.ANY;
        }
    }

    /** Several conditions joined by AND, or by OR. */
    record Joined(boolean and, List<Expression> parts) implements Expression {
        @Override
        public @Nullable Boolean evaluate(Attributes attributes) {
            Boolean decisive = !and;
            Boolean result = and;
            for (Expression part : parts) {
                Boolean truth = part.truth(attributes);
                if (decisive.equals(truth)) {
                    return decisive;
                }
                if (truth == null) {
                    result = null;
                }
            }
            return result;
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    record Not(Expression part) implements Expression {
        @Override
        public @Nullable Boolean evaluate(Attributes attributes) {
            Boolean truth = part.truth(attributes);
            return truth == null ? null : (Boolean) !truth;
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    record Compared(Comparison comparison, Expression left, Expression right) implements Expression {
        @Override
        public @Nullable Boolean evaluate(Attributes attributes) {
            return comparison.of(left.evaluate(attributes), right.evaluate(attributes), attributes.looselyTyped());
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    /** {@code value >= low AND value <= high}. */
    record Between(Expression value, Expression low, Expression high) implements Expression {
        @Override
        public @Nullable Boolean evaluate(Attributes attributes) {
            boolean loose = attributes.looselyTyped();
            Object of = value.evaluate(attributes);
            Boolean above = Comparison.AT_LEAST.of(of, low.evaluate(attributes), loose);
            Boolean below = Comparison.AT_MOST.of(of, high.evaluate(attributes), loose);
            if (Boolean.FALSE.equals(above) || Boolean.FALSE.equals(below)) {
                return false;
            }
            boolean known = above != null && below != null;
            return known ? Boolean.TRUE : null;
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    /** True or false for text; unknown for anything else (so that NOT IN is, too). */
    record In(Identifier identifier, Set<String> words) implements Expression {
        @Override
        public @Nullable Boolean evaluate(Attributes attributes) {
            Object value = identifier.evaluate(attributes);
            return value instanceof String text ? (Boolean) words.contains(text) : null;
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    record IsNull(Identifier identifier) implements Expression {
        @Override
        public Boolean evaluate(Attributes attributes) {
            return identifier.evaluate(attributes) == null;
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    /** LIKE, CONTAINS, STARTSWITH and ENDSWITH; unknown for what is not text. */
    record Matches(Identifier identifier, TextPattern pattern) implements Expression {
        @Override
        public @Nullable Boolean evaluate(Attributes attributes) {
            Object value = identifier.evaluate(attributes);
            return value instanceof String text ? (Boolean) pattern.matches(text) : null;
        }

        @Override
        public Type type() {
            return Type.BOOLEAN;
        }
    }

    /** Operands with operators between them, from left to right: all of + and -, or all of * and /. */
    record Calculated(Expression first, List<Step> steps) implements Expression {
        record Step(char operator, Expression operand) {}

        @Override
        public @Nullable Number evaluate(Attributes attributes) {
            Number result = Arithmetic.number(first.evaluate(attributes), attributes);
            for (Step step : steps) {
                Number operand = Arithmetic.number(step.operand().evaluate(attributes), attributes);
                if (result == null || operand == null) {
                    return null;
                }
                result = Arithmetic.calculate(result, step.operator(), operand);
            }
            return result;
        }

        @Override
        public Type type() {
            return Type.NUMBER;
        }
    }

    record Signed(Expression operand, boolean minus) implements Expression {
        @Override
        public @Nullable Number evaluate(Attributes attributes) {
            Number value = Arithmetic.number(operand.evaluate(attributes), attributes);
            return value == null || !minus ? value : Arithmetic.negate(value);
        }

        @Override
        public Type type() {
            return Type.NUMBER;
        }
    }
}
