/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.io.IOException;
import org.polymq.broker.config.ConfigException;
import org.polymq.broker.config.Spelling;
import org.polymq.cli.admin.CommandFailedException;
import org.polymq.cli.demo.DemoFailedException;
import org.polymq.storage.StorageException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says why a command failed: one line for what the user can change, a stack trace for what only we can. */
final class Failures implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof ConfigException
                || failure instanceof StorageException
                || failure instanceof IOException
                || failure instanceof DemoFailedException) {
            command.getErr().println("polymq: " + failure.getMessage());
            command.getErr().flush();
            return failure instanceof CommandFailedException refused ? refused.status() : CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }

    /** Says what is wrong with the words of a command. */
    static int explain(ParameterException failure, String[] words) {
        CommandLine command = failure.getCommandLine();
        StringBuilder text = new StringBuilder("polymq: ");
        if (failure instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.isUnknownOption()) {
            String written = unmatched.getUnmatched().get(0);
            text.append("there is no command \"").append(written).append('"');
            Spelling.nearest(written, command.getSubcommands().keySet())
                    .ifPresent(near ->
                            text.append("; did you mean \"").append(near).append("\"?"));
        } else {
            text.append(failure.getMessage());
        }
        text.append(" (see \"polymq help\")");
        command.getErr().println(text);
        command.getErr().flush();
        return CommandLine.ExitCode.USAGE;
    }
}
