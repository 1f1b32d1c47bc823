/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.polymq.cli.demo.ClusterDemo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code polymq cluster demo}. */
@Command(
        name = "demo",
        description =
                "Runs three nodes on this machine in a temporary directory, kills the one that leads, and shows that"
                        + " nothing is lost.",
        mixinStandardHelpOptions = true)
final class ClusterDemoCommand implements Callable<Integer> {
    @Option(names = "--stay", description = "Leave the nodes running until Ctrl-C.")
    private boolean stay;

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("polymq-cluster");
        ClusterDemo demo = new ClusterDemo(System.out, directory);
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
