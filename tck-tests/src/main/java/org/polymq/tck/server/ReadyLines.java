/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the lines that follow {@code PolyMQ ready}: one per listener, with a name and an address. */
final class ReadyLines {
    private static final Pattern ADDRESS = Pattern.compile("(\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+)");

    private ReadyLines() {}

    static Endpoints parse(Lines lines, Duration patience) throws InterruptedException {
        return new Endpoints(
                address(lines, "name", patience),
                address(lines, "native", patience),
                address(lines, "mqtt ", patience),
                address(lines, "websocket", patience),
                address(lines, "dashboard", patience));
    }

    private static String address(Lines lines, String word, Duration patience) throws InterruptedException {
        String line = lines.await(
                        l -> l.toLowerCase(Locale.ROOT).contains(word)
                                && ADDRESS.matcher(l).find(),
                        patience)
                .orElseThrow(() -> new IllegalStateException("no ready line names '" + word + "': " + lines.all()));
        Matcher matcher = ADDRESS.matcher(line);
        if (!matcher.find()) {
            throw new IllegalStateException("no address in '" + line + "'");
        }
        return matcher.group(1);
    }
}
