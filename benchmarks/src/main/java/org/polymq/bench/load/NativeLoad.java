/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.polymq.bench.Fields;
import org.polymq.bench.ProcStat;

/**
 * The load process: reads one scenario per line from standard input ({@code send threads=16 size=1024 secs=10}), runs
 * it with the official client and answers {@code RESULT key=value ...} or {@code ERROR why}. Ends when its input ends.
 */
public final class NativeLoad {
    /** One kind of load. */
    private interface Scenario {
        Fields run(Fields settings) throws Exception;
    }

    private NativeLoad() {}

    /**
     * Serves scenarios until standard input ends.
     *
     * @param args the name server's address and the broker's process id
     */
    public static void main(String[] args) throws Exception {
        String nameServer = args[0];
        ProcStat broker = new ProcStat(Long.parseLong(args[1]));
        try (Sender sender = new Sender(nameServer, broker)) {
            Drain drain = new Drain(nameServer, broker);
            Timers timers = new Timers(nameServer, broker, sender);
            Map<String, Scenario> scenarios = new HashMap<>(Map.of(
                    "send", sender::send,
                    "batch", sender::batch,
                    "fill", sender::fill,
                    "topics", sender::topics,
                    "drain", drain::push,
                    "lite", drain::lite,
                    "sample", drain::sample,
                    "latency", new Pace(nameServer, broker, sender)::run));
            scenarios.put("stage", timers::stage);
            scenarios.put("deliver", timers::deliver);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            System.out.println("READY");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(answer(scenarios, line));
            }
        }
        System.exit(0); // the client library leaves threads behind
    }

    private static String answer(Map<String, Scenario> scenarios, String line) {
        String[] words = line.strip().split("\\s+", 2);
        Scenario scenario = scenarios.get(words[0]);
        if (scenario == null) {
            return "ERROR no scenario '" + words[0] + "', there are " + scenarios.keySet();
        }
        try {
            return "RESULT " + scenario.run(Fields.parse(words.length > 1 ? words[1] : ""));
        } catch (Exception e) {
            e.printStackTrace();
            return "ERROR " + e.toString().replace('\n', ' ');
        }
    }
}
