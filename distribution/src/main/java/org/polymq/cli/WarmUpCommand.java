/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.polymq.broker.config.ServerConfig;
import org.polymq.broker.disk.DiskMap;
import org.polymq.server.ReadyLines;
import org.polymq.server.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * {@code polymq warm-up}: one start and stop on free ports, from which {@code bin/polymq} makes the server's class
 * archive. While it runs another process may ask it, from which the archive of such commands is made.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
    static final String[] FREE_PORTS = {
        "nameserver.port=0", "native.port=0", "mqtt.port=0", "mqtt.websocket-port=0", "dashboard.port=0"
    };

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Parameters(arity = "0..*", description = "The command that asks; the server's address is added.")
    private List<String> client = List.of();

    @Override
    public Integer call() throws Exception {
        ServerConfig config = options.load(FREE_PORTS);
        try {
            DiskMap.prepare();
        } catch (IOException e) {
            System.err.println(e.getMessage()); // the server says so itself when it needs it
        }
        try (Server server = Server.open(config)) {
            ReadyLines.print(System.out, "PolyMQ", server.lines());
            int port = server.lines().stream()
                    .filter(line -> line.name().equals("dashboard"))
                    .findFirst()
                    .orElseThrow()
                    .address()
                    .getPort();
            return client.isEmpty() ? 0 : ask("http://127.0.0.1:" + port);
        }
    }

    private int ask(String address) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(client);
        command.add(address);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
