/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.List;

/** What a start says on standard output: how long it took, then one line for each listener. Users and tests read it. */
public final class ReadyLines {

    /**
     * A port in use.
     *
     * @param name the listener's name, such as {@code native}
     * @param address where it listens, with the port in use
     * @param speaks who may connect, in a few words
     */
    public record Line(String name, InetSocketAddress address, String speaks) {}

    private ReadyLines() {}

    /** Prints {@code PolyMQ ready in N ms}, counted from the start of the process, and the lines. */
    public static void print(PrintStream out, String what, List<Line> lines) {
        long began = ManagementFactory.getRuntimeMXBean().getStartTime();
        StringBuilder text = new StringBuilder();
        text.append(what)
                .append(" ready in ")
                .append(System.currentTimeMillis() - began)
                .append(" ms\n");
        for (Line line : lines) {
            text.append(String.format("  %-14s %-22s %s%n", line.name(), hostAndPort(line.address()), line.speaks()));
        }
        out.print(text);
        out.flush();
    }

    private static String hostAndPort(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
