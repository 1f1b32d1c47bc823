/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the checkout that this program was built in. */
public final class Checkout {
    private Checkout() {}

    /**
     * The nearest directory above the working directory, or that one itself, that holds {@code tck-tests/pom.xml}.
     *
     * @throws IllegalStateException if there is none
     */
    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.exists(at.resolve("tck-tests/pom.xml"))) {
                return at;
            }
        }
        throw new IllegalStateException(start + " is not inside a PolyMQ checkout");
    }
}
