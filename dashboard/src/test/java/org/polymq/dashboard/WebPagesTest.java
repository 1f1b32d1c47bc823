/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebPagesTest {
    private static final Pattern NAMED =
            Pattern.compile("(?:from|import|src=|href=)\\s*\\(?['\"](?:\\./)?([a-z0-9/.-]+\\.[a-z]+)['\"]");

    private final WebPages pages = new WebPages();

    @Test
    void hasEveryFileThatItsPagesName() {
        Set<String> seen = new HashSet<>();
        Queue<String> left = new ArrayDeque<>(Set.of("/index.html"));
        while (!left.isEmpty()) {
            String name = left.remove();
            if (seen.add(name)) {
                assertThat(pages.find(name)).as(name).isPresent();
                if (!name.startsWith("/lib/")) {
                    Matcher named = NAMED.matcher(pages.find(name).orElseThrow().body());
                    while (named.find()) {
                        left.add("/" + named.group(1));
                    }
                }
            }
        }
        assertThat(seen).contains("/app.js", "/overview.js", "/lib/vue.js", "/lib/chart.js", "/style.css");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../Dashboard.class",
                "/lib/../../Dashboard.class",
                "/%2e%2e/app.js",
                "//app.js",
                "/lib",
                "/app.js/",
                "/.hidden.js",
                "/none.js",
                ""
            })
    void answersNothingElse(String path) {
        assertThat(pages.find(path)).isEmpty();
    }
}
