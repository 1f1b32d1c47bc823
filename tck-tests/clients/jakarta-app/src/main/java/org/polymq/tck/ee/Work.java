/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ee;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.transaction.TransactionManager;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** What bean and servlet do with the broker and the database. Where those are the server's properties say. */
final class Work {
    private Work() {}

    @SuppressWarnings("BanJNDI") // The names are the test's own.
    static <T> T lookup(String property, Class<T> type) throws NamingException {
        return type.cast(new InitialContext().lookup(System.getProperty(property)));
    }

    /** Open Liberty gives it to applications by a class of its own and by no name. */
    static TransactionManager manager() throws NamingException, ReflectiveOperationException {
        String factory = System.getProperty("polymq.ee.manager-class");
        return factory == null
                ? lookup("polymq.ee.manager", TransactionManager.class)
                : (TransactionManager) Class.forName(factory)
                        .getMethod("getTransactionManager")
                        .invoke(null);
    }

    private static Connection database() throws NamingException, SQLException {
        return lookup("polymq.ee.database", DataSource.class).getConnection();
    }

    static void sendAndWrite(String queue, String text) throws NamingException, SQLException {
        send(queue, text);
        try (Connection connection = database();
                PreparedStatement insert = connection.prepareStatement("insert into MOVED (WORDS) values (?)")) {
            insert.setString(1, text);
            insert.executeUpdate();
        }
    }

    static void send(String queue, String text) throws NamingException {
        try (JMSContext context =
                lookup("polymq.ee.factory", ConnectionFactory.class).createContext()) {
            context.createProducer().send(context.createQueue(queue), text);
        }
    }

    static void createTable() throws NamingException, SQLException {
        try (Connection connection = database();
                Statement create = connection.createStatement()) {
            create.executeUpdate("create table MOVED (WORDS varchar(100))");
        }
    }

    static List<String> written() throws NamingException, SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database();
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("select WORDS from MOVED order by WORDS")) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }
}
