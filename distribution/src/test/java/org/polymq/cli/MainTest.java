/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysItsVersion() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("PolyMQ ");
    }

    @Test
    void namesTheNearestCommand() {
        assertThat(run("strat")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no command \"strat\"").contains("did you mean \"start\"?");
    }

    @Test
    void namesNoneThatIsFar() {
        assertThat(run("xyzzy")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no command \"xyzzy\" (see");
    }

    @Test
    void asksForACommand() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("a command is missing").contains("polymq help");
    }

    @Test
    void namesTheNearestKey() {
        assertThat(run("start", "--set", "natve.port=1")).isEqualTo(1);
        assertThat(err.toString())
                .contains("natve.port")
                .contains("native.port")
                .doesNotContain("\tat ");
    }

    @Test
    void refusesANetworkWithoutSecurity(@TempDir Path data) {
        assertThat(run("start", "--data", data.toString(), "--set", "bind=0.0.0.0"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("bind").contains("security");
    }

    @Test
    void describesOnlyTheVerbThatIsAsked() {
        CommandLine asked = Main.commandLine(new String[] {"topic", "list"});
        CommandLine all = Main.commandLine();

        assertThat(asked.getSubcommands().keySet()).containsExactly("topic");
        assertThat(verbs(asked, "topic")).containsExactly("list");
        assertThat(verbs(all, "topic")).contains("list", "show", "create");
        assertThat(verbs(all, "cluster")).contains("status", "demo");
    }

    @Test
    void knowsAllVerbsWhenTheWordIsNone() {
        CommandLine asked = Main.commandLine(new String[] {"topic", "lst"})
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));

        assertThat(asked.execute("topic", "lst")).isEqualTo(2);
        assertThat(verbs(asked, "topic")).contains("list", "delete");
    }

    @Test
    void runsAVerbThatWasAskedAlone() {
        String[] words = {"topic", "list", "--url", "http://127.0.0.1:1"};
        CommandLine asked = Main.commandLine(words).setErr(new PrintWriter(err, true));

        assertThat(asked.execute(words)).isEqualTo(3);
        assertThat(err.toString()).contains("nothing answers at http://127.0.0.1:1");
    }

    private static Set<String> verbs(CommandLine all, String noun) {
        return Objects.requireNonNull(all.getSubcommands().get(noun))
                .getSubcommands()
                .keySet();
    }

    private int run(String... words) {
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(words);
    }
}
