/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A pattern of LIKE: pieces of text with any text between them. Also what CONTAINS, STARTSWITH and ENDSWITH compare
 * with.
 */
final class TextPattern {
    /** Any one character. A noncharacter of Unicode, beyond what a text holds in one unit. */
    private static final int ANY_ONE = -1;

    /** The first is at the text's start, the last at its end; those between are looked for from left to right. */
    private final List<Piece> pieces;

    private TextPattern(List<Piece> pieces) {
        this.pieces = List.copyOf(pieces);
    }

    static TextPattern contains(String text) {
        return new TextPattern(List.of(Piece.of(""), Piece.of(text), Piece.of("")));
    }

    static TextPattern startsWith(String text) {
        return new TextPattern(List.of(Piece.of(text), Piece.of("")));
    }

    static TextPattern endsWith(String text) {
        return new TextPattern(List.of(Piece.of(""), Piece.of(text)));
    }

    /**
     * @param escape the unit after which {@code _} and {@code %} stand for themselves, or -1
     * @throws IllegalArgumentException if the pattern ends with the escape character
     */
    static TextPattern like(String pattern, int escape) {
        List<Piece> pieces = new ArrayList<>();
        int[] piece = new int[pattern.length()];
        int length = 0;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == escape) {
                i++;
                if (i == pattern.length()) {
                    throw new IllegalArgumentException("a pattern ends with its escape character");
                }
                piece[length++] = pattern.charAt(i);
            } else if (c == '%') {
                pieces.add(new Piece(Arrays.copyOf(piece, length)));
                length = 0;
            } else {
                piece[length++] = c == '_' ? ANY_ONE : c;
            }
        }
        pieces.add(new Piece(Arrays.copyOf(piece, length)));
        return new TextPattern(pieces);
    }

    boolean matches(String text) {
        Piece first = pieces.get(0);
        if (pieces.size() == 1) {
            return text.length() == first.length() && first.isAt(text, 0);
        }
        Piece last = pieces.get(pieces.size() - 1);
        int end = text.length() - last.length();
        if (end < first.length() || !first.isAt(text, 0) || !last.isAt(text, end)) {
            return false;
        }
        int from = first.length();
        for (Piece piece : pieces.subList(1, pieces.size() - 1)) {
            int at = piece.find(text, from, end);
            if (at < 0) {
                return false;
            }
            from = at + piece.length();
        }
        return true;
    }

    /** Text with wildcards for single characters. */
    private static final class Piece {
        private final int[] units;
        /** The text, if it has no wildcard; else empty. */
        private final String plain;

        private final boolean isPlain;

        Piece(int[] units) {
            this.units = units;
            this.isPlain = Arrays.stream(units).noneMatch(unit -> unit == ANY_ONE);
            this.plain = isPlain ? new String(units, 0, units.length) : "";
        }

        static Piece of(String text) {
            return new Piece(text.chars().toArray());
        }

        int length() {
            return units.length;
        }

        boolean isAt(String text, int at) {
            if (at < 0 || at + units.length > text.length()) {
                return false;
            }
            for (int i = 0; i < units.length; i++) {
                if (units[i] != ANY_ONE && units[i] != text.charAt(at + i)) {
                    return false;
                }
            }
            return true;
        }

        /** The first place in [from, end) that has it whole, or -1. */
        int find(String text, int from, int end) {
            if (isPlain) {
                int at = text.indexOf(plain, from);
                return at >= 0 && at + plain.length() <= end ? at : -1;
            }
            for (int at = from; at + units.length <= end; at++) {
                if (isAt(text, at)) {
                    return at;
                }
            }
            return -1;
        }
    }
}
