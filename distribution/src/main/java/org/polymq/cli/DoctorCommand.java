/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.polymq.broker.config.ServerConfig;
import org.polymq.cli.admin.ApiOptions;
import org.polymq.cli.admin.CommandFailedException;
import org.polymq.cli.doctor.Doctor;
import org.polymq.cli.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code polymq doctor}. */
@Command(
        name = "doctor",
        description = "Looks at ports, disk, limits, clock and advertised address of this machine, and says how to"
                + " change what is not good. Exit status 1 if something would keep a server from working.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configOptions = new ConfigOptions();

    @Mixin
    private ApiOptions api = new ApiOptions();

    @Override
    public Integer call() throws IOException {
        ServerConfig config = configOptions.load();
        List<Finding> findings = new Doctor(config, Clock.systemUTC(), serverTime(), inContainer()).look();
        PrintWriter out = spec.commandLine().getOut();
        if (api.json()) {
            out.println(json(findings));
        } else {
            findings.forEach(finding -> print(out, finding));
        }
        out.flush();
        return findings.stream().anyMatch(finding -> finding.grade() == Finding.Grade.BAD) ? 1 : 0;
    }

    /** What the server's clock says; empty if none answers. One that asks for a login is there, its clock not known. */
    private Optional<Instant> serverTime() throws IOException {
        try {
            return Optional.of(
                    Instant.parse(api.client().get("overview").path("at").asText()));
        } catch (CommandFailedException e) {
            if (e.status() == CommandFailedException.NOT_PERMITTED) {
                return Optional.of(Instant.now());
            }
            return Optional.empty();
        }
    }

    /** Docker and Podman leave these in each of theirs. */
    private static boolean inContainer() {
        return Stream.of("/.dockerenv", "/run/.containerenv").map(Path::of).anyMatch(Files::exists);
    }

    private static void print(PrintWriter out, Finding finding) {
        String grade = switch (finding.grade()) {
            case GOOD -> "ok";
            case WARNING -> "warning";
            case BAD -> "BAD";
        };
        out.printf("%-8s %-24s %s%n", grade, finding.what(), finding.found());
        if (!finding.fix().isEmpty()) {
            out.printf("%-8s %-24s -> %s%n", "", "", finding.fix());
        }
    }

    private static ObjectNode json(List<Finding> findings) {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        ArrayNode rows = all.putArray("findings");
        for (Finding finding : findings) {
            ObjectNode row = rows.addObject()
                    .put("grade", finding.grade().name().toLowerCase(Locale.ROOT))
                    .put("what", finding.what())
                    .put("found", finding.found());
            if (!finding.fix().isEmpty()) {
                row.put("fix", finding.fix());
            }
        }
        return all;
    }
}
