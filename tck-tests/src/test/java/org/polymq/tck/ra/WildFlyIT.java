/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract in WildFly, and its recovery over kills of server and broker. */
@EnabledIfSystemProperty(named = "polymq.servers", matches = ".+")
class WildFlyIT extends EeServerContract {
    @Override
    EeServer server(Path directory, String broker) throws IOException {
        return new WildFly(directory, broker);
    }

    /** Seen by hand only: a factory that the application defines does not know this test's broker. */
    @Override
    void useNames() {}

    @Override
    void recover() throws Exception {
        recoverWhatWasPrepared();
    }
}
