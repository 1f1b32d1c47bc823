/* SPDX-License-Identifier: Apache-2.0 */
package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(PolyMQResource.class)
class GreenhouseTest {
    @Inject
    ConnectionFactory jms;

    @ConfigProperty(name = "greenhouse.device")
    String mqtt;

    @Test
    void raisesAnAlarmWhenItIsTooHot() throws Exception {
        MqttClient device = new MqttClient(mqtt, "thermometer", new MemoryPersistence());
        device.setTimeToWait(60_000);
        device.connect();
        // Retained, so that it does not matter which of the two is connected first.
        device.publish("greenhouse/temperature", "31.5".getBytes(UTF_8), 1, true);
        device.disconnect();
        device.close();

        try (JMSContext context = jms.createContext()) {
            String alarm = context.createConsumer(context.createQueue("alarms")).receiveBody(String.class, 60_000);
            assertEquals("31.5 degrees", alarm);
        }
    }
}
