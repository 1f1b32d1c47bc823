/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.filter.Token.Kind;

/** Cuts a filter's text into tokens. Used once, by one thread. */
final class Lexer {
    /** Allowed behind a minus only. */
    static final BigInteger BEYOND_LONG = BigInteger.ONE.shiftLeft(63);

    // Possessive, so that a long run of digits is looked at once.
    private static final Pattern NUMBER = Pattern.compile("0[xX](?<hex>[0-9a-fA-F]++)[lL]?"
            + "|0[bB](?<binary>[01]++)[lL]?"
            + "|(?<double>[0-9]++\\.[0-9]*+(?:[eE][+-]?[0-9]++)?+|\\.[0-9]++(?:[eE][+-]?[0-9]++)?+"
            + "|[0-9]++[eE][+-]?[0-9]++)[fFdD]?"
            + "|(?<suffixed>[0-9]++)[fFdD]"
            + "|(?<integer>[0-9]++)[lL]?");

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String text) {
        this.text = text;
    }

    /** All tokens, the last of kind END. */
    static List<Token> tokens(String text) {
        return new Lexer(text).run();
    }

    static BrokerException invalid(int at, String what) {
        return new BrokerException(Reason.INVALID_SELECTOR, "selector, at character " + (at + 1) + ": " + what);
    }

    private List<Token> run() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                at++;
            } else if (c == '\'') {
                string();
            } else if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
                number();
            } else if (Character.isJavaIdentifierStart(c)) {
                word();
            } else {
                symbol(c);
            }
        }
        tokens.add(new Token(Kind.END, "", at));
        return tokens;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void string() {
        int start = at;
        StringBuilder value = new StringBuilder();
        while (true) {
            int quote = text.indexOf('\'', at + 1);
            if (quote < 0) {
                throw invalid(start, "a string without its closing quote");
            }
            value.append(text, at + 1, quote);
            at = quote + 1;
            if (at >= text.length() || text.charAt(at) != '\'') {
                tokens.add(new Token(Kind.STRING, value.toString(), start));
                return;
            }
            value.append('\'');
        }
    }

    private void word() {
        int start = at;
        while (at < text.length() && isPart(text.charAt(at))) {
            at++;
        }
        tokens.add(new Token(Kind.WORD, text.substring(start, at), start));
    }

    private static boolean isPart(char c) {
        return Character.isJavaIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
    }

    private void symbol(char c) {
        int start = at;
        String two = text.substring(at, Math.min(at + 2, text.length()));
        String symbol = two.equals("<=") || two.equals(">=") || two.equals("<>") ? two : String.valueOf(c);
        if (symbol.length() == 1 && "=<>+-*/(),".indexOf(c) < 0) {
            throw invalid(start, "'" + (Character.isISOControl(c) ? "\\u" + (int) c : c) + "' has no meaning here");
        }
        at += symbol.length();
        tokens.add(new Token(Kind.SYMBOL, symbol, start));
    }

    private void number() {
        int start = at;
        Matcher matcher = NUMBER.matcher(text).region(at, text.length());
        if (!matcher.lookingAt()) {
            throw invalid(start, "not a number");
        }
        at = matcher.end();
        if (at < text.length() && isPart(text.charAt(at))) {
            throw invalid(start, "'" + matcher.group() + text.charAt(at) + "' is neither a number nor a name");
        }
        tokens.add(new Token(Kind.NUMBER, matcher.group(), value(matcher, start), start));
    }

    private static Number value(Matcher matcher, int start) {
        String hex = matcher.group("hex");
        if (hex != null) {
            return bits(hex, 16, start);
        }
        String binary = matcher.group("binary");
        if (binary != null) {
            return bits(binary, 2, start);
        }
        String integer = matcher.group("integer");
        if (integer != null) {
            return integer(integer, start);
        }
        String decimal = matcher.group("double") != null ? matcher.group("double") : matcher.group("suffixed");
        double value = Double.parseDouble(decimal);
        if (Double.isInfinite(value)) {
            throw invalid(start, "a number beyond the range of double");
        }
        return value;
    }

    // As in Java, all 64 bits may be written.
    private static Number bits(String digits, int radix, int start) {
        try {
            return Long.parseUnsignedLong(digits, radix);
        } catch (NumberFormatException e) {
            throw invalid(start, "a number of more than 64 bits");
        }
    }

    private static Number integer(String digits, int start) {
        boolean octal = digits.length() > 1 && digits.charAt(0) == '0';
        if (digits.length() > 25) {
            throw invalid(start, "a number beyond the range of long");
        }
        BigInteger value;
        try {
            value = new BigInteger(digits, octal ? 8 : 10);
        } catch (NumberFormatException e) {
            throw invalid(start, "a number that begins with 0 is octal, and " + digits + " is not");
        }
        if (value.compareTo(BEYOND_LONG) > 0) {
            throw invalid(start, "a number beyond the range of long");
        }
        return value.equals(BEYOND_LONG) ? value : (Number) value.longValue();
    }
}
