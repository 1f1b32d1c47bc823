/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.polymq.broker.config.ServerConfig;
import org.polymq.server.ClusterServer;
import org.polymq.server.GroupServer;
import org.polymq.server.LogSetup;
import org.polymq.server.ReadyLines;
import org.polymq.server.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code polymq start}. */
@Command(
        name = "start",
        description = "Runs a server in the foreground: all protocols, name server and dashboard in one process.",
        mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
    /** Exit status of a node that the group has to do without. */
    private static final int BROKEN = 3;

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Option(
            names = "--cluster",
            description = "Run a node of a group that replicates one log; the keys cluster.* say which.")
    private boolean cluster;

    @Override
    public Integer call() throws Exception {
        ServerConfig config = cluster ? options.load("cluster.enabled=true") : options.load();
        LogSetup.level(config.logLevel());
        LogSetup.format(config.logFormat());
        if (config.cluster().enabled()) {
            if (!config.cluster().groups().isEmpty()) {
                return ofSeveral(config);
            }
            GroupServer server = GroupServer.open(config, StartCommand::broken);
            ReadyLines.print(System.out, "PolyMQ", server.lines());
            SecondSignal.runs(server::hurry);
            Console.runUntilStopped(server::close);
            return 0;
        }
        Server server = Server.open(config);
        ReadyLines.print(System.out, "PolyMQ", server.lines());
        Console.runUntilStopped(server::close);
        return 0;
    }

    private static int ofSeveral(ServerConfig config) throws IOException, InterruptedException {
        ClusterServer server = ClusterServer.open(config, StartCommand::broken);
        ReadyLines.print(System.out, "PolyMQ", server.lines());
        SecondSignal.runs(server::hurry);
        Console.runUntilStopped(server::close);
        return 0;
    }

    // The others go on; whoever watches this process starts it again. Its last words to clients would be wrong ones.
    private static void broken(String reason) {
        System.err.println("polymq: this node takes no part in its group any more: " + reason);
        Runtime.getRuntime().halt(BROKEN);
    }
}
