/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.filter.Expression.Between;
import org.polymq.broker.filter.Expression.Calculated;
import org.polymq.broker.filter.Expression.Compared;
import org.polymq.broker.filter.Expression.Identifier;
import org.polymq.broker.filter.Expression.In;
import org.polymq.broker.filter.Expression.IsNull;
import org.polymq.broker.filter.Expression.Joined;
import org.polymq.broker.filter.Expression.Literal;
import org.polymq.broker.filter.Expression.Matches;
import org.polymq.broker.filter.Expression.Not;
import org.polymq.broker.filter.Expression.Signed;
import org.polymq.broker.filter.Token.Kind;

/**
 * Recursive descent over the grammar of Jakarta Messaging 3.1, 3.8.1. Only parentheses recurse, and their depth is
 * limited. Used once, by one thread.
 *
 * <pre>
 *  condition = term { OR term }          term = factor { AND factor }        factor = { NOT } test
 *  test      = sum [ comparison sum | IS [NOT] NULL | [NOT] ( BETWEEN sum AND sum | IN (...) | LIKE ... | CONTAINS ... ) ]
 *  sum       = product { (+|-) product } product = signed { (*|/) signed }   signed = { +|- } primary
 *  primary   = literal | identifier | ( condition )
 * </pre>
 */
final class Parser {
    private static final Set<String> RESERVED =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");
    /** Headers that a selector may not name (3.8.1.1). */
    private static final Set<String> NOT_SELECTABLE =
            Set.of("JMSDestination", "JMSReplyTo", "JMSExpiration", "JMSRedelivered", "JMSDeliveryTime");

    private final List<Token> tokens;
    private int next;
    private int depth;

    Parser(String text) {
        tokens = Lexer.tokens(text);
    }

    Expression parse() {
        Expression condition = condition();
        if (peek().kind() != Kind.END) {
            throw unexpected("AND, OR or the end");
        }
        return requireTruth(condition, tokens.get(0));
    }

    private Token peek() {
        return tokens.get(next);
    }

    private Token take() {
        return tokens.get(next++);
    }

    private boolean takeWord(String word) {
        boolean found = peek().isWord(word);
        next += found ? 1 : 0;
        return found;
    }

    private void takeSymbol(String symbol) {
        if (!peek().isSymbol(symbol)) {
            throw unexpected("'" + symbol + "'");
        }
        next++;
    }

    private BrokerException unexpected(String wanted) {
        return Lexer.invalid(peek().at(), "expected " + wanted + ", found " + peek());
    }

    private Expression condition() {
        return joined(false);
    }

    private Expression joined(boolean and) {
        Token start = peek();
        Expression first = and ? factor() : joined(true);
        String word = and ? "AND" : "OR";
        if (!peek().isWord(word)) {
            return first;
        }
        List<Expression> parts = new ArrayList<>();
        parts.add(requireTruth(first, start));
        while (takeWord(word)) {
            Token at = peek();
            parts.add(requireTruth(and ? factor() : joined(true), at));
        }
        return new Joined(and, List.copyOf(parts));
    }

    private static Expression requireTruth(Expression part, Token at) {
        if (part.type() == Expression.Type.NUMBER || part.type() == Expression.Type.STRING) {
            throw Lexer.invalid(at.at(), "a condition is expected, not a value");
        }
        return part;
    }

    private Expression factor() {
        int negations = 0;
        while (takeWord("NOT")) {
            negations++;
        }
        Token start = peek();
        Expression test = test();
        if (negations == 0) {
            return test;
        }
        Expression negated = new Not(requireTruth(test, start));
        return negations % 2 == 1 ? negated : new Not(negated);
    }

    private Expression test() {
        Token start = peek();
        Expression left = sum();
        Comparison comparison = Comparison.ofSymbol(peek());
        if (comparison != null) {
            next++;
            Token behind = peek();
            Expression right = sum();
            if (comparison.isOrder()) {
                requireNumber(left, start);
                requireNumber(right, behind);
            } else if (isTruth(left) ? isValue(right) : isValue(left) && isTruth(right)) {
                throw Lexer.invalid(behind.at(), "a truth value is compared with a truth value only");
            }
            return new Compared(comparison, left, right);
        }
        if (takeWord("IS")) {
            boolean not = takeWord("NOT");
            if (!takeWord("NULL")) {
                throw unexpected("NULL");
            }
            return negatedIf(not, new IsNull(identifier(left, start)));
        }
        boolean not = takeWord("NOT");
        Expression test = special(left, start);
        if (test != null) {
            return negatedIf(not, test);
        }
        if (not) {
            throw unexpected("BETWEEN, IN or LIKE");
        }
        return left;
    }

    private static boolean isTruth(Expression part) {
        return part.type() == Expression.Type.BOOLEAN;
    }

    private static boolean isValue(Expression part) {
        return part.type() == Expression.Type.NUMBER || part.type() == Expression.Type.STRING;
    }

    private static Expression negatedIf(boolean not, Expression test) {
        return not ? new Not(test) : test;
    }

    private @Nullable Expression special(Expression left, Token start) {
        if (peek().kind() != Kind.WORD) {
            return null;
        }
        switch (peek().text().toUpperCase(Locale.ROOT)) {
            case "BETWEEN" -> {
                next++;
                return between(requireNumber(left, start));
            }
            case "IN" -> {
                next++;
                return new In(identifier(left, start), words());
            }
            case "LIKE" -> {
                next++;
                return new Matches(identifier(left, start), like());
            }
            case "CONTAINS" -> {
                next++;
                return new Matches(identifier(left, start), TextPattern.contains(string()));
            }
            case "STARTSWITH" -> {
                next++;
                return new Matches(identifier(left, start), TextPattern.startsWith(string()));
            }
            case "ENDSWITH" -> {
                next++;
                return new Matches(identifier(left, start), TextPattern.endsWith(string()));
            }
            default -> {
                return null;
            }
        }
    }

    private Expression between(Expression value) {
        Token start = peek();
        Expression low = requireNumber(sum(), start);
        if (!takeWord("AND")) {
            throw unexpected("AND of BETWEEN");
        }
        start = peek();
        return new Between(value, low, requireNumber(sum(), start));
    }

    private Set<String> words() {
        takeSymbol("(");
        Set<String> words = new HashSet<>();
        words.add(string());
        while (peek().isSymbol(",")) {
            next++;
            words.add(string());
        }
        takeSymbol(")");
        return Set.copyOf(words);
    }

    private TextPattern like() {
        Token at = peek();
        String pattern = string();
        int escape = -1;
        if (takeWord("ESCAPE")) {
            Token escapeAt = peek();
            String character = string();
            if (character.length() != 1) {
                throw Lexer.invalid(escapeAt.at(), "ESCAPE takes a string of one character");
            }
            escape = character.charAt(0);
        }
        try {
            return TextPattern.like(pattern, escape);
        } catch (IllegalArgumentException e) {
            throw Lexer.invalid(at.at(), String.valueOf(e.getMessage()));
        }
    }

    private String string() {
        if (peek().kind() != Kind.STRING) {
            throw unexpected("a string in single quotes");
        }
        return take().text();
    }

    private static Identifier identifier(Expression part, Token at) {
        if (part instanceof Identifier identifier) {
            return identifier;
        }
        throw Lexer.invalid(at.at(), "the name of a property or header is expected");
    }

    private static Expression requireNumber(Expression part, Token at) {
        if (part.type() == Expression.Type.STRING || part.type() == Expression.Type.BOOLEAN) {
            throw Lexer.invalid(at.at(), "a number is expected");
        }
        return part;
    }

    private Expression sum() {
        return calculated("+", "-");
    }

    private Expression calculated(String one, String other) {
        Token start = peek();
        boolean sum = one.equals("+");
        Expression first = sum ? calculated("*", "/") : signed();
        List<Calculated.Step> steps = new ArrayList<>();
        while (peek().isSymbol(one) || peek().isSymbol(other)) {
            char operator = take().text().charAt(0);
            Token at = peek();
            Expression operand = requireNumber(sum ? calculated("*", "/") : signed(), at);
            steps.add(new Calculated.Step(operator, operand));
        }
        return steps.isEmpty() ? first : new Calculated(requireNumber(first, start), List.copyOf(steps));
    }

    private Expression signed() {
        boolean signed = false;
        boolean minus = false;
        while (peek().isSymbol("-") || peek().isSymbol("+")) {
            signed = true;
            minus ^= take().isSymbol("-");
        }
        Token start = peek();
        if (start.kind() == Kind.NUMBER) {
            return literal(take(), minus);
        }
        Expression operand = primary();
        return signed ? new Signed(requireNumber(operand, start), minus) : operand;
    }

    private static Literal literal(Token token, boolean minus) {
        Number number = token.number();
        if (number.equals(Lexer.BEYOND_LONG)) {
            if (!minus) {
                throw Lexer.invalid(token.at(), "a number beyond the range of long");
            }
            return new Literal(Long.MIN_VALUE, Expression.Type.NUMBER);
        }
        return new Literal(minus ? Arithmetic.negate(number) : number, Expression.Type.NUMBER);
    }

    private Expression primary() {
        Token token = peek();
        if (token.kind() == Kind.STRING) {
            next++;
            return new Literal(token.text(), Expression.Type.STRING);
        }
        if (token.isSymbol("(")) {
            return parenthesised();
        }
        if (token.kind() != Kind.WORD) {
            throw unexpected("a name, a value or '('");
        }
        if (token.isWord("TRUE") || token.isWord("FALSE")) {
            next++;
            return new Literal(token.isWord("TRUE"), Expression.Type.BOOLEAN);
        }
        if (token.text().length() <= 7 && RESERVED.contains(token.text().toUpperCase(Locale.ROOT))) {
            throw unexpected("a name, a value or '('");
        }
        if (NOT_SELECTABLE.contains(token.text())) {
            throw Lexer.invalid(token.at(), "a selector may not name the header " + token.text());
        }
        next++;
        return new Identifier(token.text());
    }

    private Expression parenthesised() {
        if (depth == Filter.MAX_DEPTH) {
            throw Lexer.invalid(peek().at(), "parentheses are nested deeper than " + Filter.MAX_DEPTH);
        }
        depth++;
        takeSymbol("(");
        Expression inner = condition();
        takeSymbol(")");
        depth--;
        return inner;
    }
}
