/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bridge.kills;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Apache ActiveMQ Artemis, which answers when a message is on the disk; and its own client. */
public final class Artemis implements RemoteBroker {
    private static final String FACTORY = "org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory";

    private final Path directory;
    private final Path benchmarks;
    private final String url;
    private final ConnectionFactory factory;
    private Killable process;
    private Session sending;
    private MessageProducer producer;
    private Connection sendingConnection;
    private volatile boolean closed;

    /**
     * @param directory for what it stores
     * @param benchmarks where the benchmarks of this checkout are, which are built
     */
    public Artemis(Path directory, Path benchmarks) throws Exception {
        this.directory = Files.createDirectories(directory);
        this.benchmarks = benchmarks;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            url = "tcp://127.0.0.1:" + free.getLocalPort();
        }
        List<URL> jars = new ArrayList<>();
        try (Stream<Path> all = Files.list(benchmarks.resolve("artemis/target/lib"))) {
            for (Path jar : all.toList()) {
                if (!jar.getFileName().toString().startsWith("jakarta.jms-api")) {
                    jars.add(jar.toUri().toURL());
                }
            }
        }
        ClassLoader loader =
                new URLClassLoader(jars.toArray(new URL[0]), getClass().getClassLoader());
        factory = loader.loadClass(FACTORY)
                .asSubclass(ConnectionFactory.class)
                .getConstructor(String.class)
                .newInstance(url);
    }

    /** What its client connects with. */
    public ConnectionFactory factory() {
        return factory;
    }

    @Override
    public void start() throws Exception {
        process = Killable.start(
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx512m",
                        "-cp",
                        benchmarks.resolve("target/classes") + ":" + benchmarks.resolve("artemis/target/lib") + "/*",
                        "org.polymq.bench.peer.ArtemisPeer",
                        directory.resolve("data").toString(),
                        "sync",
                        url),
                "READY",
                directory.resolve("artemis.log").toFile(),
                line -> {});
    }

    @Override
    public void kill() throws Exception {
        process.kill();
    }

    @Override
    public void prepare() {
        // Its queue is made by whoever comes first.
    }

    @Override
    public Map<String, String> definition() {
        Map<String, String> definition = new HashMap<>();
        definition.put("protocol", "jms");
        definition.put("url", url);
        definition.put("plugin", "artemis");
        definition.put("jms.factory-class", FACTORY);
        definition.put("out", "out/numbers=$queue/out.numbers");
        definition.put("in", "$queue/in.numbers=in/numbers");
        return definition;
    }

    @Override
    public boolean send(long number) throws InterruptedException {
        try {
            if (sendingConnection == null) {
                sendingConnection = factory.createConnection();
                sending = sendingConnection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                producer = sending.createProducer(sending.createQueue("in.numbers"));
            }
            producer.send(sending.createTextMessage(Long.toString(number)));
            return true;
        } catch (JMSException | RuntimeException e) {
            close(sendingConnection);
            sendingConnection = null;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
            return false;
        }
    }

    @Override
    public void receive(LongConsumer numbers) {
        Thread receiver = new Thread(() -> {
            while (!closed) {
                Connection connection = null;
                try {
                    connection = factory.createConnection();
                    Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
                    MessageConsumer consumer = session.createConsumer(session.createQueue("out.numbers"));
                    connection.start();
                    receive(consumer, numbers);
                } catch (JMSException | RuntimeException e) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
                } finally {
                    close(connection);
                }
            }
        });
        receiver.setDaemon(true);
        receiver.start();
    }

    private void receive(MessageConsumer consumer, LongConsumer numbers) throws JMSException {
        while (!closed) {
            Message message = consumer.receive(5_000);
            if (message instanceof BytesMessage bytes) {
                byte[] body = new byte[(int) bytes.getBodyLength()];
                bytes.readBytes(body);
                numbers.accept(Numbers.of(ByteBuffer.wrap(body)));
                message.acknowledge();
            } else if (message != null) {
                numbers.accept(Numbers.of(StandardCharsets.US_ASCII.encode(message.getBody(String.class))));
                message.acknowledge();
            } else {
                // Nothing for a while, or the connection is gone: a new one tells.
                return;
            }
        }
    }

    private static void close(Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (JMSException | RuntimeException e) {
            // It is gone with its broker.
            return;
        }
    }

    @Override
    public void close() {
        closed = true;
        if (process != null) {
            process.close();
        }
    }
}
