/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.polymq.mqtt.Packets.*;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The coverage-guided fuzzer Jazzer on {@link FuzzTarget}, in a process of its own: half a minute, and ten minutes with
 * {@code -Dpolymq.tier=full}. Netty looks at every buffer for leaks.
 */
class FuzzTest {
    /** What it begins with: the beginning's number, where to cut, the bytes. */
    private static final List<String> SEEDS = List.of(
            "00" + "20" + connect311("a", true) + PING,
            "00" + "08" + connect5("a", false, sessionExpiry(10), "21" + u16(5), "27" + u32(100), "1701"),
            "01" + "05" + subscribe311(1, "a/+", 1) + publish311(2, "a/b", 2, "x") + puback(1),
            "03" + "09" + subscribe5(1, "a/#", 2, "0b05") + publish5(4, "a/b", 2, "x", "0101", "02" + u32(5))
                    + pubrel(2),
            "03" + "03" + publish5(0, "a", 0, "x", "23" + u16(1)) + publish5(0, "", 0, "y", "23" + u16(1)),
            "04" + "04" + subscribe5(1, "$share/g/a", 1) + publish5(3, "a", 7, "x", "08" + text("r"), "09" + text("c")),
            "05" + "02" + publish5(4, "a", 1, "x") + pubrec(1) + pubcomp(1) + unsubscribe5(2, "#") + DISCONNECT,
            "05" + "06" + packet("f0", "18", properties("15" + text("m"), "16" + text("d"))),
            "03" + "01" + packet("e0", "04", properties(sessionExpiry(0), "1f" + text("why"))),
            "03" + "07" + subscribe5(1, "$queue/q", 2) + publish5(4, "$queue/q", 2, "x", "26" + text("n") + text("v")));

    @TempDir
    private Path directory;

    @Test
    void noInputIsAnExceptionALeakOrAnotherClientsTrouble() throws IOException, InterruptedException {
        boolean full = System.getProperty("polymq.tier", "fast").equals("full");
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        for (int i = 0; i < SEEDS.size(); i++) {
            Files.write(
                    corpus.resolve("seed" + i),
                    HexFormat.of().parseHex(SEEDS.get(i).replace(" ", "")));
        }
        Path output = directory.resolve("output");
        Process fuzzer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "-cp",
                        classPath(),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + FuzzTarget.class.getName(),
                        "--instrumentation_includes=org.polymq.mqtt.**",
                        "--reproducer_path=" + directory,
                        "-artifact_prefix=" + directory + "/",
                        "-max_total_time=" + (full ? 600 : 30),
                        "-max_len=4096",
                        "-timeout=60",
                        "-rss_limit_mb=3000",
                        corpus.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(fuzzer.waitFor(full ? 900 : 300, TimeUnit.SECONDS))
                    .as("the fuzzer ends")
                    .isTrue();
        } finally {
            fuzzer.destroyForcibly();
        }

        String said = Files.readString(output);
        assertThat(fuzzer.exitValue()).as(said).isZero();
        assertThat(said).as("it has run").containsPattern("Done \\d{2,} runs");
    }

    private static String classPath() {
        if (FuzzTest.class.getClassLoader() instanceof URLClassLoader loader) {
            return Stream.of(loader.getURLs()).map(URL::getPath).collect(Collectors.joining(":"));
        }
        return System.getProperty("java.class.path");
    }
}
