/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.jms;

import jakarta.jms.JMSException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which names a property may have: Jakarta Messaging 3.1, 3.8.1.1. */
final class PropertyNames {
    private static final Set<String> RESERVED =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private PropertyNames() {}

    /**
     * Checks a name.
     *
     * @throws IllegalArgumentException if it is null or empty
     * @throws JMSException if a selector could not name it
     */
    static void check(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("a property needs a name");
        }
        if (!Character.isJavaIdentifierStart(name.charAt(0))
                || !name.chars().skip(1).allMatch(Character::isJavaIdentifierPart)
                || RESERVED.contains(name.toUpperCase(Locale.ROOT))) {
            throw new JMSException("not a property name (it has to be an identifier): " + name);
        }
    }
}
