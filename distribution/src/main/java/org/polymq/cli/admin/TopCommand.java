/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code polymq top}: what the server does, again and again. */
@Command(
        name = "top",
        description = "Shows what the server is doing, every two seconds until Ctrl-C: rates, clients, storage, the"
                + " busiest topics and who is behind. With --json one line each time.",
        mixinStandardHelpOptions = true)
public final class TopCommand implements Callable<Integer> {
    private static final String CLEAR = "\033[H\033[2J";
    private static final int ROWS = 10;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ApiOptions options = new ApiOptions();

    @Option(names = "--interval", paramLabel = "SECONDS", description = "Default: 2.")
    private int interval = 2;

    @Option(names = "--times", paramLabel = "N", description = "How often; default: until Ctrl-C.")
    private int times = Integer.MAX_VALUE;

    @Override
    public Integer call() throws IOException {
        if (interval < 1 || times < 1) {
            throw new CommandFailedException("--interval and --times have to be 1 or more");
        }
        ApiClient client = options.client();
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < times; i++) {
            if (i > 0) {
                LockSupport.parkNanos(Duration.ofSeconds(interval).toNanos());
                if (Thread.interrupted()) {
                    break;
                }
            }
            JsonNode overview = client.get("overview");
            if (options.json()) {
                out.println(overview);
            } else {
                show(
                        out,
                        overview,
                        client.get("busiest-topics").path("topics"),
                        client.get("slow-consumers").path("consumers"));
            }
            out.flush();
        }
        return 0;
    }

    private static void show(PrintWriter out, JsonNode now, JsonNode busy, JsonNode slow) {
        if (Boolean.getBoolean("polymq.terminal")) { // bin/polymq says whether it is one
            out.print(CLEAR);
        }
        JsonNode clients = now.path("clients");
        out.printf(
                "PolyMQ  %s  up %s%n", now.path("at").asText(), now.path("up").asText());
        out.printf(
                "stored %s/s  MQTT in %s/s  out %s/s  clients %d (MQTT %d, JMS %d, RocketMQ %d)%n",
                now.path("storedPerSecond").asText(),
                now.path("mqttInPerSecond").asText(),
                now.path("mqttOutPerSecond").asText(),
                clients.path("mqtt").asLong()
                        + clients.path("jms").asLong()
                        + clients.path("rocketmq").asLong(),
                clients.path("mqtt").asLong(),
                clients.path("jms").asLong(),
                clients.path("rocketmq").asLong());
        out.printf(
                "topics %d  sessions %d  subscriptions %d  retained %d  delayed %d%n",
                now.path("topics").asLong(),
                now.path("sessions").asLong(),
                now.path("subscriptions").asLong(),
                now.path("retained").asLong(),
                now.path("delayed").asLong());
        out.printf(
                "log %s  disk free %s of %s  heap %s of %s%n",
                size(now.path("logBytes").asLong()),
                size(now.path("diskFree").asLong()),
                size(now.path("diskTotal").asLong()),
                size(now.path("heapUsed").asLong()),
                size(now.path("heapMost").asLong()));
        now.path("alarms").forEach(alarm -> out.println("ALARM  " + alarm.asText()));
        out.printf("%n%-40s %12s %12s%n", "BUSIEST TOPICS", "STORED/S", "IN ALL");
        for (int i = 0; i < Math.min(ROWS, busy.size()); i++) {
            JsonNode topic = busy.get(i);
            out.printf(
                    "%-40s %12s %12d%n",
                    Printed.text(topic.path("topic")),
                    topic.path("perSecond").asText(),
                    topic.path("storedSinceStart").asLong());
        }
        out.printf("%n%-40s %12s %-24s%n", "WHO IS BEHIND", "WAITING", "OLDEST");
        for (int i = 0; i < Math.min(ROWS, slow.size()); i++) {
            JsonNode one = slow.get(i);
            out.printf(
                    "%-40s %12d %-24s%n",
                    Printed.text(one.path("name")),
                    one.path("waiting").asLong(),
                    one.path("oldest").asText("unknown"));
        }
    }

    private static String size(long bytes) {
        String[] units = {"B", "KB", "MB", "GB", "TB"};
        double left = bytes;
        int unit = 0;
        while (left >= 1024 && unit < units.length - 1) {
            left /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", left, units[unit]);
    }
}
