/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract in TomEE, which does not recover: see docs/jakarta-ee.md. */
@EnabledIfSystemProperty(named = "polymq.servers", matches = ".+")
class TomEEIT extends EeServerContract {
    @Override
    EeServer server(Path directory, String broker) throws IOException {
        return new TomEE(directory, broker);
    }
}
