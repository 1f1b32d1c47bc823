/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ee;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.sql.SQLException;
import javax.naming.NamingException;

/** Moves each message of a queue to another and writes it down in a database, all in the container's transaction. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.in"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxConcurrency", propertyValue = "2"),
            @ActivationConfigProperty(propertyName = "reconnectInterval", propertyValue = "1000")
        })
public class Mover implements MessageListener {
    @Override
    public void onMessage(Message message) {
        try {
            String text = message.getBody(String.class);
            Work.sendAndWrite("ee.out", text);
            if (text.startsWith("fails once") && !message.getJMSRedelivered()) {
                throw new EJBException("as the message wants it: " + text);
            }
        } catch (JMSException | NamingException | SQLException e) {
            throw new EJBException(e.toString(), e);
        }
    }
}
