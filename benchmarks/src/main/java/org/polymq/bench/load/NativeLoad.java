/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

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
     * @param args the name server's address and the process ids of the broker's nodes, separated by commas
     */
    public static void main(String[] args) throws Exception {
        String nameServer = args[0];
        ProcStat broker = ProcStat.parse(args[1]);
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
            ScenarioLoop.serve((name, settings) -> {
                Scenario scenario = scenarios.get(name);
                if (scenario == null) {
                    throw new IllegalArgumentException("no scenario '" + name + "', there are " + scenarios.keySet());
                }
                return scenario.run(settings);
            });
        }
        System.exit(0); // the client library leaves threads behind
    }
}
