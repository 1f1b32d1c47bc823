/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.polymq.cli.demo.ClusterDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code polymq cluster demo}. */
@Command(
        name = "demo",
        description =
                "Runs three nodes of three groups on this machine in a temporary directory, kills one of them, and shows"
                        + " that nothing is lost.",
        mixinStandardHelpOptions = true)
final class ClusterDemoCommand implements Callable<Integer> {
    @Option(
            names = "--groups",
            paramLabel = "N",
            description = "How many groups, led by different nodes: 3, or 1. Default: ${DEFAULT-VALUE}.",
            defaultValue = "3")
    private int groups;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--stay", description = "Leave the nodes running until Ctrl-C.")
    private boolean stay;

    @Override
    public Integer call() throws Exception {
        if (groups != 1 && groups != 3) {
            throw new ParameterException(spec.commandLine(), "--groups is " + groups + "; allowed: 1 or 3");
        }
        Path directory = Files.createTempDirectory("polymq-cluster");
        ClusterDemo demo = new ClusterDemo(System.out, directory, groups);
        // Ctrl-C ends the nodes too.
        Thread end = new Thread(demo::close, "polymq-demo-end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            demo.start();
            demo.failOver();
            if (stay) {
                System.out.println("the nodes run until Ctrl-C; their data is in " + directory);
                new CountDownLatch(1).await();
            }
        } finally {
            demo.close();
            DemoCommand.delete(directory);
        }
        return 0;
    }
}
