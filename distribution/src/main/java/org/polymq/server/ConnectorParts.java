/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import org.polymq.broker.connector.ConnectorKinds;
import org.polymq.broker.connector.ConnectorSettings;

/** Where the server finds the kinds of connectors: in {@code lib/connectors}, beside its own jars. */
final class ConnectorParts {
    private static final String DIRECTORY = "connectors";

    private ConnectorParts() {}

    /** Loads nothing yet. */
    static ConnectorKinds kinds(ConnectorSettings settings) {
        return new ConnectorKinds(home(), settings, ConnectorParts.class.getClassLoader());
    }

    private static Path home() {
        CodeSource source = ConnectorParts.class.getProtectionDomain().getCodeSource();
        try {
            Path own =
                    source == null ? Path.of("") : Path.of(source.getLocation().toURI());
            return own.resolveSibling(DIRECTORY);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the server's jar has no place in the file system", e);
        }
    }
}
