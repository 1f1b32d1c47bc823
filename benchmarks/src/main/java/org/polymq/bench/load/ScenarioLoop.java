/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.polymq.bench.Fields;

/**
 * How a load process is spoken to: one scenario per line of standard input, answered by {@code RESULT key=value ...} or
 * {@code ERROR why} on standard output.
 */
final class ScenarioLoop {
    private ScenarioLoop() {}

    /** Runs one scenario and answers its figures. */
    @FunctionalInterface
    interface Runner {
        Fields run(String scenario, Fields settings) throws Exception;
    }

    /** Says {@code READY} and serves scenarios until standard input ends. */
    static void serve(Runner runner) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("READY");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(runner, line));
        }
    }

    private static String answer(Runner runner, String line) {
        String[] words = line.strip().split("\\s+", 2);
        try {
            return "RESULT " + runner.run(words[0], Fields.parse(words.length > 1 ? words[1] : ""));
        } catch (Exception e) {
            e.printStackTrace();
            return "ERROR " + e.toString().replace('\n', ' ');
        }
    }
}
