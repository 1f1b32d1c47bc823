/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.polymq.jms.PolyMQConnectionFactory;
import org.polymq.tck.server.BrokerProcess;

/**
 * Transactions of a real transaction manager, Narayana, in an application of its own: the broker, the application or
 * both are killed between prepare and commit, and nothing is lost or doubled.
 */
class XaIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int MESSAGES = 3;

    @TempDir
    Path directory;

    private BrokerProcess server;
    private Path store;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        server = BrokerProcess.in(directory.resolve("broker")).onFixedPorts();
        Files.createDirectories(directory.resolve("broker"));
        store = Files.createDirectories(directory.resolve("store"));
        server.start();
        try (JMSContext context = context()) {
            JMSProducer producer = context.createProducer();
            Queue in = context.createQueue("xa.in");
            IntStream.range(0, 2 * MESSAGES).forEach(i -> producer.send(in, "message " + i));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JMSContext context() {
        return new PolyMQConnectionFactory(url()).createContext();
    }

    private String url() {
        return "polymq://" + server.endpoints().nativePort();
    }

    /** What the program needs, wherever this test was started from. */
    private static String classPath() {
        return Stream.of(
                        "org.polymq.tck.XaProgram",
                        "org.polymq.jms.PolyMQXAConnectionFactory",
                        "org.polymq.jms.wire.Frame",
                        "jakarta.jms.Message",
                        "jakarta.transaction.TransactionManager",
                        "com.arjuna.ats.jta.TransactionManager",
                        "org.jboss.logging.Logger",
                        "org.jboss.tm.XAResourceWrapper",
                        "org.slf4j.Logger",
                        "io.netty.util.Version",
                        "io.netty.buffer.ByteBuf",
                        "io.netty.channel.Channel",
                        "io.netty.resolver.AddressResolver",
                        "io.netty.handler.codec.ByteToMessageDecoder",
                        "io.netty.handler.timeout.IdleStateHandler",
                        "io.netty.channel.unix.Unix")
                .map(XaIT::jarOf)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String jarOf(String name) {
        try {
            URI jar = Class.forName(name)
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            return Path.of(jar).toString();
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private Program program(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                XaProgram.class.getName(),
                url(),
                store.toString()));
        command.addAll(List.of(arguments));
        return Program.run(command.toArray(String[]::new));
    }

    private Program move(String stop, String outcome) throws IOException {
        return program("move", Integer.toString(MESSAGES), stop, outcome);
    }

    private static void awaitEnd(Program program) throws InterruptedException {
        assertThat(program.awaitEnd(PATIENCE)).contains("END");
    }

    /** What is in the queues: every message of the test is in one of them, once and whole. */
    private void assertMoved(int first, int count) throws JMSException {
        List<String> in = new ArrayList<>();
        List<String> out = new ArrayList<>();
        try (JMSContext context = context()) {
            drain(context, "xa.in", in);
            drain(context, "xa.out", out);
        }
        List<String> all =
                IntStream.range(0, 2 * MESSAGES).mapToObj(i -> "message " + i).toList();
        List<String> moved = all.subList(first, first + count);
        assertThat(out).isEqualTo(moved);
        assertThat(in)
                .isEqualTo(all.stream().filter(each -> !moved.contains(each)).toList());
    }

    private static void drain(JMSContext context, String queue, List<String> into) throws JMSException {
        try (JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                into.add(message.getBody(String.class));
            }
        }
    }

    @Test
    void commitsAndRollsBack() throws Exception {
        try (Program committing = move("never", "commit")) {
            awaitEnd(committing);
            assertThat(committing.lines()).contains("COMMITTED");
        }
        try (Program rollingBack = move("never", "rollback")) {
            awaitEnd(rollingBack);
            assertThat(rollingBack.lines()).contains("ROLLED BACK");
        }
        assertMoved(0, MESSAGES);
    }

    static Stream<Arguments> kills() {
        Stream<Arguments> fast = Stream.of(arguments("application", "decided"), arguments("both", "undecided"));
        Stream<Arguments> more = Stream.of(
                arguments("application", "undecided"),
                arguments("broker", "undecided"),
                arguments("broker", "decided"),
                arguments("both", "decided"));
        return Tier.isFull() ? Stream.concat(fast, more) : fast;
    }

    /** With the decision written by the transaction manager the messages have to move; without it they must not. */
    @ParameterizedTest(name = "{0} killed, {1}")
    @MethodSource("kills")
    void survivesAKillBetweenPrepareAndCommit(String killed, String stop) throws Exception {
        try (Program application = move(stop, "commit")) {
            application.awaitLines("AT " + stop, 1, PATIENCE);
            if (!killed.equals("broker")) {
                application.kill();
            }
            if (!killed.equals("application")) {
                server.kill();
                server.start();
            }
            if (killed.equals("broker")) {
                application.type("go\n".getBytes(StandardCharsets.UTF_8));
                awaitEnd(application);
            } else {
                try (Program recovery = program("recover")) {
                    awaitEnd(recovery);
                }
            }
        }
        // An application that lives on after its broker was killed undecided goes on, and decides to commit.
        boolean moved = stop.equals("decided") || killed.equals("broker");
        assertMoved(0, moved ? MESSAGES : 0);
    }
}
