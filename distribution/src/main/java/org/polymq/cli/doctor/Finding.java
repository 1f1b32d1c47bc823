/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.doctor;

/**
 * What one look found.
 *
 * @param what was looked at
 * @param found in one sentence
 * @param fix what to do about it; empty if nothing
 */
public record Finding(Grade grade, String what, String found, String fix) {
    /** How bad it is. */
    public enum Grade {
        GOOD,
        WARNING,
        BAD
    }

    static Finding good(String what, String found) {
        return new Finding(Grade.GOOD, what, found, "");
    }

    static Finding warning(String what, String found, String fix) {
        return new Finding(Grade.WARNING, what, found, fix);
    }

    static Finding bad(String what, String found, String fix) {
        return new Finding(Grade.BAD, what, found, fix);
    }
}
