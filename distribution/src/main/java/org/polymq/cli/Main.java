/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.util.Objects;
import java.util.Optional;
import org.polymq.cli.admin.AclCommand;
import org.polymq.cli.admin.ClientCommand;
import org.polymq.cli.admin.ClusterCommand;
import org.polymq.cli.admin.ConfigCommand;
import org.polymq.cli.admin.GroupCommand;
import org.polymq.cli.admin.MessageCommand;
import org.polymq.cli.admin.SessionCommand;
import org.polymq.cli.admin.TopCommand;
import org.polymq.cli.admin.TopicCommand;
import org.polymq.cli.admin.UserCommand;
import org.polymq.cli.bench.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/polymq}: finds the command and runs it. */
@Command(
        name = "polymq",
        description = "One message broker for RocketMQ, Jakarta Messaging and MQTT clients, on one log.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            StartCommand.class,
            NameServerCommand.class,
            DemoCommand.class,
            TopicCommand.class,
            GroupCommand.class,
            MessageCommand.class,
            ClientCommand.class,
            SessionCommand.class,
            UserCommand.class,
            AclCommand.class,
            ClusterCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            TopCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
            WarmUpCommand.class,
            CommandLine.HelpCommand.class
        })
final class Main implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    @SuppressWarnings("CatchAndPrintStackTrace") // there may be no logging to be had
    public static void main(String[] args) {
        int status = 1;
        try {
            status = commandLine().execute(args);
        } catch (Throwable e) { // an Error: whatever threads there are by then would keep the process
            e.printStackTrace();
        }
        System.exit(status);
    }

    static CommandLine commandLine() {
        CommandLine all = new CommandLine(new Main());
        Objects.requireNonNull(all.getSubcommands().get("cluster")).addSubcommand(new ClusterDemoCommand());
        return all.setExecutionExceptionHandler(new Failures()).setParameterExceptionHandler(Failures::explain);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                    .orElse("(unpackaged)");
            return new String[] {"PolyMQ " + version};
        }
    }
}
