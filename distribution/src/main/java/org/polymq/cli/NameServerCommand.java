/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.util.concurrent.Callable;
import org.polymq.broker.config.ServerConfig;
import org.polymq.server.LogSetup;
import org.polymq.server.ReadyLines;
import org.polymq.server.StandaloneNameServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code polymq nameserver}. */
@Command(
        name = "nameserver",
        description = "Runs the RocketMQ name server alone, in the foreground.",
        mixinStandardHelpOptions = true)
final class NameServerCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Override
    public Integer call() throws Exception {
        ServerConfig config = options.load();
        LogSetup.level(config.logLevel());
        LogSetup.format(config.logFormat());
        StandaloneNameServer server = StandaloneNameServer.open(config);
        ReadyLines.print(System.out, "PolyMQ name server", server.lines());
        Console.runUntilStopped(server::close);
        return 0;
    }
}
