/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the numbers of all normative statements against the tests that name them. The lists say of each whom it binds:
 * {@code server}; {@code client} for clients alone; {@code none} for servers that lack something that PolyMQ has, with
 * what it is.
 */
class StatementsTest {
    private static final List<Class<?>> TESTS = List.of(
            ConnectStatementsTest.class,
            PublishStatementsTest.class,
            SubscribeStatementsTest.class,
            DeliveryStatementsTest.class,
            WebSocketStatementsTest.class,
            AccessTest.class);

    @Test
    void everyStatementOf50ThatBindsAServerHasACase() throws IOException {
        check("statements-5.0.txt", Clauses::v5);
    }

    @Test
    void everyStatementOf311ThatBindsAServerHasACase() throws IOException {
        check("statements-3.1.1.txt", Clauses::v3);
    }

    private static void check(String list, Function<Clauses, String> version) throws IOException {
        Map<String, String> statements = read(list);
        Set<String> proved = new TreeSet<>();
        for (Class<?> test : TESTS) {
            for (Method method : test.getDeclaredMethods()) {
                Clauses clauses = method.getAnnotation(Clauses.class);
                if (clauses != null) {
                    proved.addAll(numbers(version.apply(clauses)));
                }
            }
        }
        Set<String> missing = new TreeSet<>();
        statements.forEach((number, binds) -> {
            if (binds.equals("server") && !proved.contains(number)) {
                missing.add(number);
            }
        });
        assertThat(missing).as("statements without a case").isEmpty();
        assertThat(statements.keySet()).as("numbers that tests name").containsAll(proved);
    }

    private static List<String> numbers(String text) {
        return Stream.of(text.split(" ")).filter(each -> !each.isEmpty()).toList();
    }

    private static Map<String, String> read(String list) throws IOException {
        Map<String, String> statements = new TreeMap<>();
        InputStream file = StatementsTest.class.getResourceAsStream(list);
        assertThat(file).isNotNull();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(file, UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                String[] words = line.split("\\s+", 3);
                assertThat(words[1]).as(line).isIn("server", "client", "none");
                assertThat(statements.put(words[0], words[1]))
                        .as("twice: " + line)
                        .isNull();
            }
        }
        return statements;
    }
}
