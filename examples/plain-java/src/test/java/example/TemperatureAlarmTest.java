/* SPDX-License-Identifier: Apache-2.0 */
package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.junit.PolyMQExtension;

class TemperatureAlarmTest {
    @RegisterExtension
    static final PolyMQExtension POLYMQ = new PolyMQExtension();

    @Test
    void raisesAnAlarmOnlyWhenTheMachineIsTooHot() throws Exception {
        String url = POLYMQ.broker().jmsUrl();
        try (TemperatureAlarm alarm = new TemperatureAlarm(url, "press");
                PolyMQConnectionFactory factory = new PolyMQConnectionFactory(url);
                JMSContext context = factory.createContext()) {
            MqttClient machine = new MqttClient(POLYMQ.broker().mqttUrl(), "press", new MemoryPersistence());
            machine.setTimeToWait(20_000);
            machine.connect();
            machine.publish("plant/press/temperature", "79.5".getBytes(UTF_8), 1, false);
            machine.publish("plant/press/temperature", "95".getBytes(UTF_8), 1, false);
            machine.disconnect();
            machine.close();

            JMSConsumer alarms = context.createConsumer(context.createQueue("alarms"));
            assertEquals("press is at 95.0 degrees", alarms.receiveBody(String.class, 20_000));
            assertNull(alarms.receiveNoWait());
        }
    }
}
