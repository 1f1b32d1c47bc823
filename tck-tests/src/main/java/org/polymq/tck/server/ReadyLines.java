/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.server;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the lines that follow {@code PolyMQ ready}: a listener's name, its address, and who may connect. Of several
 * groups those of the first.
 */
final class ReadyLines {
    private static final Pattern LISTENER = Pattern.compile("\\s+(\\S+)\\s+(\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+)\\b.*");

    private ReadyLines() {}

    static Endpoints parse(Lines lines, Duration patience) throws InterruptedException {
        return new Endpoints(
                address(lines, "name-?server", patience),
                address(lines, "native(/.*)?", patience),
                address(lines, "mqtt", patience),
                address(lines, ".*websocket", patience),
                address(lines, "dashboard(/.*)?", patience));
    }

    private static String address(Lines lines, String name, Duration patience) throws InterruptedException {
        Pattern wanted = Pattern.compile(name, Pattern.CASE_INSENSITIVE);
        String line = lines.await(l -> isNamed(l, wanted), patience)
                .orElseThrow(() -> new IllegalStateException("no ready line names '" + name + "': " + lines.all()));
        Matcher matcher = LISTENER.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalStateException("no address in '" + line + "'");
        }
        return matcher.group(2);
    }

    private static boolean isNamed(String line, Pattern name) {
        Matcher matcher = LISTENER.matcher(line);
        return matcher.matches() && name.matcher(matcher.group(1)).matches();
    }
}
