/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

/** Errors for people. */
final class Texts {
    private static final int MOST_CAUSES = 4;

    private Texts() {}

    /** The messages of an error and its causes; the name of the class of one that has none. */
    static String describe(Throwable error) {
        StringBuilder text = new StringBuilder();
        Throwable each = error;
        for (int depth = 0; each != null && depth < MOST_CAUSES; depth++) {
            String message = each.getMessage() == null ? each.getClass().getName() : each.getMessage();
            if (text.indexOf(message) < 0) {
                text.append(text.isEmpty() ? "" : ": ").append(message);
            }
            each = each.getCause();
        }
        return text.toString();
    }
}
