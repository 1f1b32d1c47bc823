/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random conditions over random values: the filter agrees with a plain reading of the truth tables. */
class FilterAgainstReferenceTest {
    private static final long SEED = 20_261_122;
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final List<Object> POOL =
            List.of(true, false, "x", "xy", "yx", "5", "", 0, 1, 2L, 5, -3, 2.5, 5.0, (short) 2, (byte) 1, 1.5f);
    private static final List<String> PATTERNS = List.of("x%", "%y", "_", "x_", "%", "", "%x%", "_%y");

    private final Random random = new Random(SEED);

    /** A text, and what it should give: 1 true, 0 false, -1 unknown. */
    private record Condition(String text, int truth) {}

    private record Operand(String text, @Nullable Object value) {}

    @Test
    void agrees() {
        for (int round = 0; round < 15_000; round++) {
            Map<String, Object> values = new HashMap<>();
            for (String name : NAMES) {
                if (random.nextInt(4) > 0) {
                    values.put(name, pick(POOL));
                }
            }
            Condition condition = condition(values, 4);
            FilterTest.Values attributes = new FilterTest.Values(values, false);
            assertThat(Filter.compile(condition.text()).matches(attributes))
                    .as("seed %d: %s with %s", SEED, condition.text(), values)
                    .isEqualTo(condition.truth() == 1);
            assertThat(Filter.compile("NOT (" + condition.text() + ")").matches(attributes))
                    .as("seed %d: NOT (%s) with %s", SEED, condition.text(), values)
                    .isEqualTo(condition.truth() == 0);
        }
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private Condition condition(Map<String, Object> values, int depth) {
        int kind = depth == 0 ? 3 + random.nextInt(6) : random.nextInt(9);
        switch (kind) {
            case 0 -> {
                Condition l = condition(values, depth - 1);
                Condition r = condition(values, depth - 1);
                int truth = l.truth() == 0 || r.truth() == 0 ? 0 : l.truth() == 1 && r.truth() == 1 ? 1 : -1;
                return new Condition("(" + l.text() + ") AND (" + r.text() + ")", truth);
            }
            case 1 -> {
                Condition l = condition(values, depth - 1);
                Condition r = condition(values, depth - 1);
                int truth = l.truth() == 1 || r.truth() == 1 ? 1 : l.truth() == 0 && r.truth() == 0 ? 0 : -1;
                return new Condition("(" + l.text() + ") or (" + r.text() + ")", truth);
            }
            case 2 -> {
                Condition part = condition(values, depth - 1);
                return new Condition("NOT (" + part.text() + ")", part.truth() < 0 ? -1 : 1 - part.truth());
            }
            case 3 -> {
                String name = pick(NAMES);
                boolean not = random.nextBoolean();
                return new Condition(
                        name + " IS " + (not ? "NOT " : "") + "NULL", values.containsKey(name) == not ? 1 : 0);
            }
            case 4 -> {
                String name = pick(NAMES);
                String pattern = pick(PATTERNS);
                Object value = values.get(name);
                Pattern regex = Pattern.compile(pattern.replace("%", ".*").replace("_", "."));
                int truth = value instanceof String text ? regex.matcher(text).matches() ? 1 : 0 : -1;
                return new Condition(name + " LIKE '" + pattern + "'", truth);
            }
            case 5 -> {
                String name = pick(NAMES);
                Object value = values.get(name);
                int truth = !(value instanceof String) ? -1 : value.equals("x") || value.equals("5") ? 1 : 0;
                return new Condition(name + " IN ('x', '5')", truth);
            }
            case 6 -> {
                String name = pick(NAMES);
                Object value = values.get(name);
                return new Condition(name, value instanceof Boolean truth ? (truth ? 1 : 0) : -1);
            }
            default -> {
                return comparison(values);
            }
        }
    }

    private Condition comparison(Map<String, Object> values) {
        String operator = pick(List.of("=", "<>", "<", "<=", ">", ">="));
        boolean order = !operator.equals("=") && !operator.equals("<>");
        Operand l = operand(values, order, 2);
        Operand r = operand(values, order, 2);
        while (l.value() instanceof Boolean || r.value() instanceof Boolean) {
            // Truth literals beside values are refused at once; identifiers are drawn with them below.
            l = operand(values, order, 0);
            r = new Operand("b", values.get("b"));
            if (!order || !(l.text().equals("true") || l.text().equals("false"))) {
                break;
            }
        }
        return new Condition(l.text() + " " + operator + " " + r.text(), truth(l.value(), operator, r.value()));
    }

    private Operand operand(Map<String, Object> values, boolean number, int depth) {
        int kind = random.nextInt(depth == 0 ? 4 : 6);
        if (kind >= 4) {
            Operand l = operand(values, true, depth - 1);
            Operand r = operand(values, true, depth - 1);
            String operator = pick(List.of("+", "-", "*", "/"));
            return new Operand(
                    "(" + l.text() + " " + operator + " " + r.text() + ")", calculate(l.value(), operator, r.value()));
        }
        if (kind >= 2) {
            String name = pick(NAMES);
            return new Operand(name, values.get(name));
        }
        Object value = pick(POOL);
        if (value instanceof Number n) {
            Number shown =
                    n instanceof Double || n instanceof Float ? (Number) n.doubleValue() : (Number) n.longValue();
            return new Operand(shown.toString(), shown);
        }
        if (number) {
            return new Operand("7", 7L);
        }
        return new Operand(value instanceof String ? "'" + value + "'" : value.toString(), value);
    }

    private static int truth(@Nullable Object l, String operator, @Nullable Object r) {
        if (l == null || r == null) {
            return -1;
        }
        if (l instanceof Number a && r instanceof Number b) {
            double x = a.doubleValue();
            double y = b.doubleValue();
            return switch (operator) {
                        case "=" -> x == y;
                        case "<>" -> x != y;
                        case "<" -> x < y;
                        case "<=" -> x <= y;
                        case ">" -> x > y;
                        default -> x >= y;
                    }
                    ? 1
                    : 0;
        }
        if (!l.getClass().equals(r.getClass())) {
            return 0;
        }
        return (operator.equals("=") && l.equals(r)) || (operator.equals("<>") && !l.equals(r)) ? 1 : 0;
    }

    private static @Nullable Object calculate(@Nullable Object l, String operator, @Nullable Object r) {
        if (!(l instanceof Number a) || !(r instanceof Number b)) {
            return null;
        }
        boolean exact = !(a instanceof Double || a instanceof Float || b instanceof Double || b instanceof Float);
        if (exact && operator.equals("/") && b.longValue() == 0) {
            return null;
        }
        return switch (operator) {
            case "+" -> exact ? (Object) (a.longValue() + b.longValue()) : (Object) (a.doubleValue() + b.doubleValue());
            case "-" -> exact ? (Object) (a.longValue() - b.longValue()) : (Object) (a.doubleValue() - b.doubleValue());
            case "*" -> exact ? (Object) (a.longValue() * b.longValue()) : (Object) (a.doubleValue() * b.doubleValue());
            default -> exact ? (Object) (a.longValue() / b.longValue()) : (Object) (a.doubleValue() / b.doubleValue());
        };
    }
}
