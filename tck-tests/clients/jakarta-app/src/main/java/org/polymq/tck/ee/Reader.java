/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ee;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import javax.naming.NamingException;

/**
 * Passes on what a durable subscription brings. Topic and connection factory, whose client id the subscription has, it
 * looks up by the JNDI names that each server's deployment descriptor gives.
 */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "reader"),
            @ActivationConfigProperty(propertyName = "reconnectInterval", propertyValue = "1000")
        })
public class Reader implements MessageListener {
    @Override
    public void onMessage(Message message) {
        try {
            Work.send("ee.read", message.getBody(String.class));
        } catch (JMSException | NamingException e) {
            throw new EJBException(e.toString(), e);
        }
    }
}
