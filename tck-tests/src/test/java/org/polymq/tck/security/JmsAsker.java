/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.security;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.polymq.tck.client.JmsProtocol;
import org.polymq.tck.server.Endpoints;

/** Asks through Jakarta Messaging. */
final class JmsAsker {
    private final Endpoints server;
    private final Person who;

    JmsAsker(Endpoints server, Person who) {
        this.server = server;
        this.who = who;
    }

    /** What is asked of an open session. */
    interface Question {
        void of(Connection connection, Session session) throws JMSException;
    }

    Verdict sendToTopic(String topic) throws JMSException {
        return ask((connection, session) ->
                session.createProducer(session.createTopic(topic)).send(session.createTextMessage("matrix")));
    }

    Verdict sendRetained(String topic) throws JMSException {
        return ask((connection, session) -> {
            Message message = session.createTextMessage("matrix");
            message.setBooleanProperty("JMS_PolyMQ_Retain", true);
            session.createProducer(session.createTopic(topic)).send(message);
        });
    }

    Verdict sendToQueue(String queue) throws JMSException {
        return ask((connection, session) ->
                session.createProducer(session.createQueue(queue)).send(session.createTextMessage("matrix")));
    }

    Verdict commit(String topic) throws JMSException {
        return ask(Session.SESSION_TRANSACTED, (connection, session) -> {
            session.createProducer(session.createTopic(topic)).send(session.createTextMessage("matrix"));
            session.commit();
        });
    }

    Verdict consumeTopic(String topic) throws JMSException {
        return ask((connection, session) ->
                session.createConsumer(session.createTopic(topic)).close());
    }

    Verdict consumeQueue(String queue) throws JMSException {
        return ask((connection, session) ->
                session.createConsumer(session.createQueue(queue)).close());
    }

    Verdict browse(String queue) throws JMSException {
        return ask((connection, session) -> session.createBrowser(session.createQueue(queue))
                .getEnumeration()
                .hasMoreElements());
    }

    Verdict share(String topic, String name) throws JMSException {
        return ask((connection, session) ->
                session.createSharedConsumer(session.createTopic(topic), name).close());
    }

    Verdict useClientId(String id) throws JMSException {
        return ask((connection, session) -> {}, id);
    }

    Verdict replyToTemporary() throws JMSException {
        return ask((connection, session) -> {
            var temporary = session.createTemporaryQueue();
            session.createProducer(temporary).send(session.createTextMessage("matrix"));
        });
    }

    Verdict ask(Question question) throws JMSException {
        return ask(Session.AUTO_ACKNOWLEDGE, question);
    }

    private Verdict ask(int mode, Question question) throws JMSException {
        return ask(mode, question, null);
    }

    private Verdict ask(Question question, String clientId) throws JMSException {
        return ask(Session.AUTO_ACKNOWLEDGE, question, clientId);
    }

    private Verdict ask(int mode, Question question, @org.jspecify.annotations.Nullable String clientId)
            throws JMSException {
        Connection connection;
        try {
            connection = who.user() == null
                    ? JmsProtocol.factory(server).createConnection()
                    : JmsProtocol.factory(server).createConnection(who.user(), who.password());
        } catch (JMSSecurityException refused) {
            return Verdict.NOT_AUTHENTICATED;
        }
        try (connection) {
            if (clientId != null) {
                connection.setClientID(clientId);
            }
            connection.start();
            question.of(connection, connection.createSession(mode));
            return Verdict.DONE;
        } catch (JMSException refused) {
            if (isSecurity(refused)) {
                return Verdict.NO_PERMISSION;
            }
            throw refused;
        }
    }

    private static boolean isSecurity(Throwable refused) {
        for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
            if (cause instanceof JMSSecurityException) {
                return true;
            }
        }
        return false;
    }
}
