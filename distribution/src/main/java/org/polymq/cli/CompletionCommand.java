/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code polymq completion}: a script by which a shell completes commands and options. */
@Command(
        name = "completion",
        description = "Prints a script for bash and zsh that completes commands and options:"
                + " source <(bin/polymq completion)",
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .println(AutoComplete.bash("polymq", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
