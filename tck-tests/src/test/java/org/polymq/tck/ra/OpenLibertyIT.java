/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract in Open Liberty, and its recovery over a kill of server and broker. It asks the test's own resource to
 * prepare before the others, so it cannot be stopped where those are prepared and nothing is decided.
 */
@EnabledIfSystemProperty(named = "polymq.servers", matches = ".+")
class OpenLibertyIT extends EeServerContract {
    @Override
    EeServer server(Path directory, String broker) throws IOException {
        return new OpenLiberty(directory, broker);
    }

    @Override
    void recover() throws Exception {
        recoverWhatWasDecided();
    }
}
