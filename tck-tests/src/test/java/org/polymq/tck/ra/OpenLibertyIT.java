/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract in Open Liberty, which gives applications no transaction manager to stop between prepare and commit. */
@EnabledIfSystemProperty(named = "polymq.servers", matches = ".+")
class OpenLibertyIT extends EeServerContract {
    @Override
    EeServer server(Path directory, String broker) throws IOException {
        return new OpenLiberty(directory, broker);
    }
}
