/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.polymq.cli.admin.AclCommand;
import org.polymq.cli.admin.ClientCommand;
import org.polymq.cli.admin.ClusterCommand;
import org.polymq.cli.admin.ConfigCommand;
import org.polymq.cli.admin.ConnectorCommand;
import org.polymq.cli.admin.GroupCommand;
import org.polymq.cli.admin.MessageCommand;
import org.polymq.cli.admin.SessionCommand;
import org.polymq.cli.admin.TopCommand;
import org.polymq.cli.admin.TopicCommand;
import org.polymq.cli.admin.TraceCommand;
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
        versionProvider = Main.Version.class)
final class Main implements Runnable {

    /** They tell of all the others. */
    private static final Set<Class<?>> ABOUT_ALL = Set.of(CommandLine.HelpCommand.class, CompletionCommand.class);

    private static final List<Class<?>> COMMANDS = List.of(
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
            ConnectorCommand.class,
            DoctorCommand.class,
            TraceCommand.class,
            TopCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
            WarmUpCommand.class,
            WarmUpClientCommand.class,
            CommandLine.HelpCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    @SuppressWarnings("CatchAndPrintStackTrace") // there may be no logging to be had
    public static void main(String[] args) {
        int status = 1;
        try {
            status = commandLine(args).execute(args);
        } catch (Throwable e) { // an Error: whatever threads there are by then would keep the process
            e.printStackTrace();
        }
        System.exit(status);
    }

    /** With all commands. */
    static CommandLine commandLine() {
        return commandLine(COMMANDS, "");
    }

    /** With the command alone that these words name: to describe all of them takes longer than most commands. */
    static CommandLine commandLine(String[] words) {
        if (List.of(words).equals(List.of("--version"))) {
            return commandLine(List.of(), "");
        }
        for (Class<?> command : COMMANDS) {
            Command described = command.getAnnotation(Command.class);
            if (words.length > 0
                    && described != null
                    && words[0].equals(described.name())
                    && !ABOUT_ALL.contains(command)) {
                return commandLine(List.of(command), words.length > 1 ? words[1] : "");
            }
        }
        return commandLine();
    }

    private static CommandLine commandLine(List<Class<?>> commands, String verb) {
        CommandLine commandLine = new CommandLine(new Main());
        for (Class<?> command : commands) {
            CommandLine noun = new CommandLine(command);
            addVerbs(noun, command, verb);
            commandLine.addSubcommand(noun);
        }
        return commandLine.setExecutionExceptionHandler(new Failures()).setParameterExceptionHandler(Failures::explain);
    }

    /** Adds the verb that was asked for, or all of them if there is none of this name. */
    private static void addVerbs(CommandLine noun, Class<?> command, String verb) {
        List<Method> asked = CommandLine.getCommandMethods(command, null).stream()
                .filter(method ->
                        verb.equals(method.getAnnotation(Command.class).name()))
                .toList();
        if (!asked.isEmpty() && noun.getSubcommands().isEmpty()) {
            noun.addSubcommand(new CommandLine(asked.get(0)));
            return;
        }
        if (noun.getSubcommands().isEmpty()) {
            noun.getCommandSpec().addMethodSubcommands();
        }
        if (command == ClusterCommand.class) {
            noun.addSubcommand(new ClusterDemoCommand());
        }
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
