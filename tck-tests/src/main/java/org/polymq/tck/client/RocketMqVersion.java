/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.polymq.tck.server.Checkout;
import org.polymq.tck.server.Endpoints;

/** The versions of RocketMQ's client under test, each with class loader and jars of its own. */
public enum RocketMqVersion {
    /** 4.9.8, the newest of the 4.9 line. */
    V4("rocketmq4"),
    /** 5.5.0, the newest on Maven Central. */
    V5("rocketmq5");

    private static final int ROUTES_MILLIS = 30_000;

    private static final String DRIVER = "org.polymq.tck.rocketmq.";

    private final String directory;

    RocketMqVersion(String directory) {
        this.directory = directory;
    }

    /** The client as a {@link Protocol}. */
    public Protocol protocol() {
        return protocol("", false, ROUTES_MILLIS);
    }

    /** The same with sends that leave the queue to the client, in no order. */
    public Protocol unordered() {
        return protocol("-any", true, ROUTES_MILLIS);
    }

    /** The same as {@link #protocol} with producers that ask for their routes every second. */
    public Protocol polling() {
        return protocol("-polls", false, 1_000);
    }

    private Protocol protocol(String suffix, boolean anyQueue, int routeMillis) {
        balanceOften();
        try {
            return Class.forName(DRIVER + "RocketMqProtocol", true, loader())
                    .asSubclass(Protocol.class)
                    .getConstructor(String.class, boolean.class, int.class)
                    .newInstance("native" + name().substring(1) + suffix, anyQueue, routeMillis);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the driver for RocketMQ's client does not load", e);
        }
    }

    /** The client as a producer of messages that wait. */
    public DelayClient delays(Endpoints server) {
        return driver(DelayClient.class, "RocketMqDelays", server);
    }

    /** The client as a producer of transactional messages; {@code application} is asked about what was left open. */
    public TransactionClient transactions(Endpoints server, TransactionClient.Application application) {
        balanceOften();
        try {
            return Class.forName(DRIVER + "RocketMqTransactions", true, loader())
                    .asSubclass(TransactionClient.class)
                    .getConstructor(Endpoints.class, TransactionClient.Application.class)
                    .newInstance(server, application);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the driver for RocketMQ's client does not load", e);
        }
    }

    /** RocketMQ's producer of 4.9, choosing queues. */
    public static QueueSender queueSender(Endpoints server) {
        return V4.driver(QueueSender.class, "RocketMqQueueSender", server);
    }

    /**
     * A command that runs one of the driver's programs with this version's client, in a JVM of its own.
     *
     * @param options of the JVM
     */
    public List<String> program(String name, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.addAll(options);
        String own = Path.of(RocketMqVersion.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .toString();
        command.addAll(List.of("-cp", own + File.pathSeparator + jars() + File.separator + "*", DRIVER + name));
        command.addAll(arguments);
        return command;
    }

    /** The client as one that asks and answers. */
    public RequestReply requestReply(Endpoints server) {
        return driver(RequestReply.class, "RocketMqRequestReply", server);
    }

    /** The client as a consumer that pulls or pops; of 5.x only. */
    public PopClient popping(Endpoints server) {
        return driver(PopClient.class, "RocketMqPop", server);
    }

    /** New queues and members are noticed every second instead of every twenty. */
    private static void balanceOften() {
        System.setProperty("rocketmq.client.rebalance.waitInterval", "1000");
        System.setProperty("rocketmq.client.rebalance.minInterval", "500");
    }

    /** A producer of a group, which may consume too. */
    public NativeClient client(Endpoints server, String producerGroup) {
        return driver(
                NativeClient.class,
                "RocketMqClient",
                List.of(Endpoints.class, String.class),
                List.of(server, producerGroup));
    }

    /** The administration tool of this version, with classes of its own. */
    public AdminTool admin(String nameServer) {
        // 4.9 reads from there how to log; 5.x reads nothing.
        System.setProperty(
                "rocketmq.home.dir",
                Checkout.root().resolve("tck-tests/clients/rocketmq4").toString());
        return driver(AdminTool.class, "RocketMqAdmin", List.of(String.class), List.of(nameServer));
    }

    private <T> T driver(Class<T> type, String name, Endpoints server) {
        return driver(type, name, List.of(Endpoints.class), List.of(server));
    }

    private <T> T driver(Class<T> type, String name, List<Class<?>> parameters, List<Object> arguments) {
        balanceOften();
        try {
            return Class.forName(DRIVER + name, true, loader())
                    .asSubclass(type)
                    .getConstructor(parameters.toArray(Class<?>[]::new))
                    .newInstance(arguments.toArray());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the driver for RocketMQ's client does not load", e);
        }
    }

    /** Directory with the client's jars. */
    public Path jars() {
        return Checkout.root().resolve("tck-tests/clients").resolve(directory).resolve("target/lib");
    }

    private ClassLoader loader() {
        List<URL> urls = new ArrayList<>();
        try (Stream<Path> files = Files.list(jars())) {
            urls.add(RocketMqVersion.class.getProtectionDomain().getCodeSource().getLocation());
            for (Path jar : files.sorted().toList()) {
                urls.add(jar.toUri().toURL());
            }
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "no client jars; build first: mvn -Dquick package -pl tck-tests -am" + File.pathSeparator + jars(),
                    e);
        }
        return new DriverLoader(urls.toArray(URL[]::new));
    }

    /** Loads the driver and the client itself; shares our other classes and the platform's. */
    private static final class DriverLoader extends URLClassLoader {
        DriverLoader(URL[] urls) {
            super(urls, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("org.polymq.") && !name.startsWith(DRIVER)) {
                return Class.forName(name, false, RocketMqVersion.class.getClassLoader());
            }
            return super.findClass(name);
        }
    }
}
