/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code polymq warm-up-client}: a few commands that ask a server, from which {@code bin/polymq} makes the class
 * archive of all of them.
 */
@Command(name = "warm-up-client", hidden = true)
final class WarmUpClientCommand implements Callable<Integer> {
    private static final List<String[]> COMMANDS = List.of(
            new String[] {"message", "send", "warm-up", "a message"},
            new String[] {"message", "find", "warm-up", "none"},
            new String[] {"topic", "show", "warm-up"},
            new String[] {"topic", "list"});

    @Parameters(index = "0", paramLabel = "URL")
    private @Nullable String url;

    @Override
    public Integer call() {
        for (String[] command : COMMANDS) {
            String[] words = Arrays.copyOf(command, command.length + 2);
            words[command.length] = "--url";
            words[command.length + 1] = String.valueOf(url);
            int status = Main.commandLine(words).execute(words);
            if (status != 0) {
                return status;
            }
        }
        return 0;
    }
}
