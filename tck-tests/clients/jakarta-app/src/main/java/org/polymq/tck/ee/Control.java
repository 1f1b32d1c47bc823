/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.ee;

import jakarta.annotation.Resource;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConnectionFactoryDefinition;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSDestinationDefinition;
import jakarta.jms.Queue;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.transaction.UserTransaction;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * What a test tells the application, by HTTP: {@code /control?do=...}. The answer's last line is {@code OK}, or why
 * not.
 */
@JMSConnectionFactoryDefinition(
        name = "java:app/jms/Defined",
        interfaceName = "jakarta.jms.ConnectionFactory",
        className = "org.polymq.ra.PolyMQManagedConnectionFactory",
        resourceAdapter = "polymq",
        maxPoolSize = 4)
@JMSDestinationDefinition(
        name = "java:app/jms/DefinedQueue",
        interfaceName = "jakarta.jms.Queue",
        className = "org.polymq.ra.PolyMQQueue",
        resourceAdapter = "polymq",
        destinationName = "ee.defined",
        properties = "destinationName=ee.defined")
@SuppressWarnings("NullAway.Init") // The server sets the fields.
@WebServlet("/control")
public class Control extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Resource
    private transient UserTransaction transaction;

    @Resource(lookup = "java:app/jms/Defined")
    private transient ConnectionFactory defined;

    @Resource(lookup = "java:app/jms/DefinedQueue")
    private transient Queue definedQueue;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        PrintWriter out = response.getWriter();
        try {
            run(request, out);
            out.println("OK");
        } catch (Exception e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                out.println(cause);
            }
        }
    }

    private void run(HttpServletRequest request, PrintWriter out) throws Exception {
        String text = request.getParameter("text");
        switch (request.getParameter("do")) {
            case "ping" -> out.println(getServletName());
            case "create" -> Work.createTable();
            case "written" -> Work.written().forEach(out::println);
            case "commit" -> {
                transaction.begin();
                Work.sendAndWrite("ee.sent", text);
                transaction.commit();
            }
            case "rollback" -> {
                transaction.begin();
                Work.sendAndWrite("ee.sent", text);
                transaction.rollback();
            }
            case "stop" -> stop(request, () -> Work.sendAndWrite("ee.sent", text));
            case "stop with defined" -> stop(request, () -> defined(text));
            case "outside" -> Work.send("ee.sent", text);
            case "defined" -> defined(text);
            default -> throw new IllegalArgumentException("do what?");
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    /** Does it in a transaction that stands still where the request says. */
    private void stop(HttpServletRequest request, Task task) throws Exception {
        String at = request.getParameter("at");
        Path mark = Path.of(request.getParameter("mark"));
        transaction.begin();
        enlist(new Standstill(at, "commit", mark));
        task.run();
        enlist(new Standstill(at, "prepare", mark));
        transaction.commit();
    }

    private static void enlist(Standstill resource) throws Exception {
        if (!Work.manager().getTransaction().enlistResource(resource)) {
            throw new IllegalStateException("not enlisted");
        }
    }

    private void defined(String text) {
        try (JMSContext context = defined.createContext()) {
            context.createProducer().send(definedQueue, text);
        }
    }
}
