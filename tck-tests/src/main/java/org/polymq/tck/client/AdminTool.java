/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.tck.client;

import java.time.Duration;

/** RocketMQ's {@code mqadmin}, as an operator types it. Used by one thread at a time. */
public interface AdminTool {
    /**
     * Runs a command to its end; again if it gave up waiting for an answer.
     *
     * @param command name and options, separated by blanks; the name server's address is added
     * @return everything it printed on standard output and standard error
     */
    String run(String command) throws Exception;

    /** Runs a command that goes on for ever, until it has printed some words or the time is up. */
    String runUntil(String command, String words, Duration patience) throws Exception;

    /** The tool's own list of its commands. */
    String overview() throws Exception;

    /** Asks what no command asks: a method of the tool's {@code DefaultMQAdminExt} that takes texts. */
    String ask(String method, String... arguments) throws Exception;
}
