/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.io.IOException;
import org.polymq.broker.config.ConfigException;
import org.polymq.storage.StorageException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says why a command failed: one line for what the user can change, a stack trace for what only we can. */
final class Failures implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof ConfigException
                || failure instanceof StorageException
                || failure instanceof IOException
                || failure instanceof org.polymq.cli.demo.DemoFailedException) {
            command.getErr().println("polymq: " + failure.getMessage());
            command.getErr().flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }
}
