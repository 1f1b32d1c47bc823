/* SPDX-License-Identifier: Apache-2.0 */
package example;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import org.polymq.junit.EmbeddedBroker;

/** A broker that starts before the application and tells it where it is. */
public class PolyMQResource implements QuarkusTestResourceLifecycleManager {
    private EmbeddedBroker broker;

    @Override
    public Map<String, String> start() {
        broker = EmbeddedBroker.start();
        return Map.of(
                "polymq.url", broker.jmsUrl(),
                "mp.messaging.incoming.temperatures.port", Integer.toString(broker.mqttPort()),
                "greenhouse.device", broker.mqttUrl());
    }

    @Override
    public void stop() {
        if (broker != null) {
            broker.close();
        }
    }
}
