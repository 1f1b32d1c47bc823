/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract in GlassFish, and its recovery over kills of server and broker. */
@EnabledIfSystemProperty(named = "polymq.servers", matches = ".+")
class GlassFishIT extends EeServerContract {
    @Override
    EeServer server(Path directory, String broker) throws IOException {
        return new GlassFish(directory, broker);
    }

    @Override
    void recover() throws Exception {
        recoverWhatWasPrepared();
    }
}
