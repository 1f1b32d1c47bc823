/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.polymq.broker.config.ServerConfig;
import org.polymq.cli.demo.Demo;
import org.polymq.server.LogSetup;
import org.polymq.server.ReadyLines;
import org.polymq.server.Server;
import picocli.CommandLine.Command;

/** {@code polymq demo}. */
@Command(
        name = "demo",
        description = "Runs a server on a temporary directory and shows one message from each protocol arriving at the"
                + " other two.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        LogSetup.level("error");
        // RocketMQ's client logs through SLF4J too, not into a file in the home directory.
        System.setProperty("rocketmq.client.logUseSlf4j", "true");
        Path data = Files.createTempDirectory("polymq-demo");
        try (Server server = Server.open(config(data))) {
            ReadyLines.print(System.out, "PolyMQ", server.lines());
            System.out.println();
            new Demo(System.out)
                    .run(
                            "127.0.0.1:" + port(server, "nameserver"),
                            "127.0.0.1",
                            port(server, "native"),
                            port(server, "mqtt"));
        } finally {
            delete(data);
        }
        System.out.println("\nAll six pairs of protocols, one message each, through one log.");
        return 0;
    }

    private static ServerConfig config(Path data) {
        List<String> sets = Stream.concat(Stream.of("data=" + data), Stream.of(WarmUpCommand.FREE_PORTS))
                .toList();
        return ServerConfig.load(null, Map.of(), sets);
    }

    private static int port(Server server, String listener) {
        return server.lines().stream()
                .filter(line -> line.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).forEach(DemoCommand::deleteOne);
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
