/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.util.concurrent.Callable;
import org.polymq.broker.config.ServerConfig;
import org.polymq.server.LogSetup;
import org.polymq.server.ReadyLines;
import org.polymq.server.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code polymq start}. */
@Command(
        name = "start",
        description = "Runs a server in the foreground: all protocols, name server and dashboard in one process.",
        mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() throws Exception {
        ServerConfig config = options.load();
        LogSetup.level(config.logLevel());
        Server server = Server.open(config);
        ReadyLines.print(System.out, "PolyMQ", server.lines());
        Console.runUntilStopped(server::close);
        return 0;
    }
}
