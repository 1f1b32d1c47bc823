/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** MQTT topic names that hurt: separators and escapes of the other protocols, empty levels, letters of many scripts. */
final class RandomNames {
    private static final String[] PIECES = {
        "a",
        "b",
        "Z",
        "0",
        "9",
        "-",
        "_",
        "|",
        ".",
        "..",
        "%",
        "%%",
        "%2E",
        "%41",
        "%zz",
        "%00",
        "*",
        ">",
        " ",
        "$",
        "&",
        "=",
        "\"",
        "'",
        "\\",
        "(",
        "é",
        "ß",
        "中",
        "文",
        "я",
        "\uD83D\uDE80",
        "~",
        ":",
        ";",
        ","
    };

    private final Random random;

    RandomNames(Random random) {
        this.random = random;
    }

    /** A name of one to four levels whose native form fits 127 characters. */
    String next() {
        List<String> levels = new ArrayList<>();
        levels.add(first());
        for (int more = random.nextInt(4); more > 0; more--) {
            levels.add(random.nextInt(8) == 0 ? "" : level());
        }
        return String.join("/", levels);
    }

    /** System names start with '$', '%' or RMQ_SYS_; a name of ours starts with neither. */
    private String first() {
        return "n" + level();
    }

    private String level() {
        StringBuilder level = new StringBuilder();
        for (int pieces = 1 + random.nextInt(5); pieces > 0; pieces--) {
            level.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return level.toString();
    }
}
