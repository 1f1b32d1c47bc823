/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Names the settings of a thing as they are: a caller that gives back the version it saw changes the thing only if
 * nobody else did meanwhile.
 */
final class Version {
    private static final int LENGTH = 13;

    private Version() {}

    /** The version of settings that are told apart by their text. */
    static String of(Object settings) {
        return UUID.nameUUIDFromBytes(settings.toString().getBytes(UTF_8))
                .toString()
                .substring(0, LENGTH);
    }

    /** @throws ConflictException if a version was given and is not this one */
    static void check(@Nullable String seen, Object settings, String what) {
        if (seen != null && !seen.equals(of(settings))) {
            throw new ConflictException(what + " was changed by somebody else meanwhile: look at it again");
        }
    }
}
