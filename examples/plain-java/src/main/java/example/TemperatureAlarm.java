/* SPDX-License-Identifier: Apache-2.0 */
package example;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import org.polymq.jms.PolyMQConnectionFactory;

/**
 * Listens to what machines measure and raises an alarm when one gets too hot. The machines publish over MQTT to {@code
 * plant/NAME/temperature}; this program is plain Jakarta Messaging, where the same topic is called {@code
 * plant.NAME.temperature}.
 */
public final class TemperatureAlarm implements AutoCloseable {
    private static final double TOO_HOT = 80;

    private final PolyMQConnectionFactory factory;
    private final JMSContext listening;
    private final JMSContext sending;
    private final Queue alarms;

    /**
     * Begins to listen.
     *
     * @param url of the broker, such as {@code polymq://127.0.0.1:10911}
     * @param machine whose temperature it is
     */
    public TemperatureAlarm(String url, String machine) {
        factory = new PolyMQConnectionFactory(url);
        sending = factory.createContext();
        alarms = sending.createQueue("alarms");
        listening = factory.createContext();
        listening
                .createConsumer(listening.createTopic("plant." + machine + ".temperature"))
                .setMessageListener(measured -> check(machine, measured));
    }

    private void check(String machine, Message measured) {
        double degrees = Double.parseDouble(text(measured));
        if (degrees > TOO_HOT) {
            sending.createProducer()
                    .setProperty("machine", machine)
                    .send(alarms, machine + " is at " + degrees + " degrees");
        }
    }

    private static String text(Message message) {
        try {
            return message.isBodyAssignableTo(String.class)
                    ? message.getBody(String.class)
                    : new String(message.getBody(byte[].class), java.nio.charset.StandardCharsets.UTF_8);
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
    }

    @Override
    public void close() {
        listening.close();
        sending.close();
        factory.close();
    }

    /** {@code java example.TemperatureAlarm [URL [MACHINE]]}. */
    public static void main(String[] arguments) throws InterruptedException {
        String url = arguments.length > 0 ? arguments[0] : "polymq://127.0.0.1:10911";
        String machine = arguments.length > 1 ? arguments[1] : "press";
        try (TemperatureAlarm alarm = new TemperatureAlarm(url, machine)) {
            System.out.println("publish temperatures of " + machine + " with: mosquitto_pub -t plant/" + machine
                    + "/temperature -m 95; alarms go to the queue alarms");
            Thread.currentThread().join(); // until Ctrl-C
        }
    }
}
