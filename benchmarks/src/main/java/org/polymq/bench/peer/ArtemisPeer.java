/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.peer;

import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.polymq.bench.FreePorts;

/**
 * Apache ActiveMQ Artemis in this JVM, on loopback, with its NIO journal under one directory. Prints {@code READY
 * url=tcp://HOST:PORT} once it accepts.
 */
public final class ArtemisPeer {
    private ArtemisPeer() {}

    /**
     * Starts it and keeps running until the process is ended.
     *
     * @param args the directory to use, empty or its own of before; {@code sync} if a reply waits for the disk,
     *     {@code async} if it waits for the page cache; the URL to listen at, or none for any free port
     */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]).toAbsolutePath();
        boolean sync = args[1].equals("sync");
        String url = args.length > 2 ? args[2] : "tcp://127.0.0.1:" + FreePorts.block(1);
        Configuration configuration = new ConfigurationImpl()
                .setPersistenceEnabled(true)
                .setSecurityEnabled(false)
                .setJournalType(JournalType.NIO)
                .setJournalDatasync(sync)
                .setJournalSyncTransactional(sync)
                .setJournalSyncNonTransactional(sync)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setLargeMessagesDirectory(directory.resolve("large").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .setMaxDiskUsage(-1)
                .addAcceptorConfiguration("tcp", url);
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(configuration);
        broker.start();
        System.out.println("READY url=" + url);
    }
}
