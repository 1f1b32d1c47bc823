/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ra;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract in WildFly, and its recovery over kills of server and broker. What the application defines has a broker
 * that nothing else in the server knows, so that nothing else can recover there.
 */
@EnabledIfSystemProperty(named = "polymq.servers", matches = ".+")
class WildFlyIT extends EeServerContract {
    private EeBroker brokerOfDefinitions;

    @Override
    EeServer server(Path home, String broker) throws Exception {
        brokerOfDefinitions = new EeBroker(directory.resolve("broker-of-definitions"));
        brokerOfDefinitions.start();
        return new WildFly(home, broker, brokerOfDefinitions.url());
    }

    @AfterEach
    void stopTheOther() {
        if (brokerOfDefinitions != null) {
            brokerOfDefinitions.close();
        }
    }

    @Override
    EeBroker brokerOfDefinitions() {
        return brokerOfDefinitions;
    }

    @Override
    void recover() throws Exception {
        recoverWhatWasPrepared();
        recoverWhatADefinedFactorySent();
    }
}
