/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.polymq.broker.config.ConfigException;
import org.polymq.broker.config.ServerConfig;

/**
 * Says in a data directory which node of which group it is of, so that it is not used as anything else: a node that
 * came back with another's votes, or alone, would break what the group has promised.
 */
final class NodeMark {
    private static final String FILE = "node.properties";

    private NodeMark() {}

    /**
     * For a server that is no node of a group.
     *
     * @throws ConfigException if the directory is a node's
     */
    static void checkAlone(Path directory) throws IOException {
        if (Files.exists(directory.resolve(FILE))) {
            throw new ConfigException(directory + " holds the data of " + describe(read(directory))
                    + ": start it with --cluster, or use another directory");
        }
    }

    /**
     * For a node; marks a directory that is new.
     *
     * @throws ConfigException if the directory is another's
     */
    static void check(ServerConfig config) throws IOException {
        Path directory = config.storage().directory();
        Properties own = new Properties();
        own.setProperty("cluster", config.clusterName());
        own.setProperty("group", config.brokerName());
        own.setProperty("node", Integer.toString(config.cluster().node()));
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve(FILE))) {
            write(directory, own);
            return;
        }
        Properties there = read(directory);
        if (!own.equals(there)) {
            throw new ConfigException(directory + " holds the data of " + describe(there) + ", but this is to be "
                    + describe(own) + ": correct cluster.name, broker.name and cluster.node, or use another directory");
        }
    }

    private static String describe(Properties mark) {
        return "node " + mark.getProperty("node") + " of group '" + mark.getProperty("group") + "' of cluster '"
                + mark.getProperty("cluster") + "'";
    }

    private static Properties read(Path directory) throws IOException {
        Properties mark = new Properties();
        try (var in = Files.newBufferedReader(directory.resolve(FILE), UTF_8)) {
            mark.load(in);
        }
        return mark;
    }

    private static void write(Path directory, Properties mark) throws IOException {
        Path fresh = directory.resolve(FILE + ".new");
        try (var out = Files.newBufferedWriter(fresh, UTF_8)) {
            mark.store(out, "PolyMQ: what this directory is of. Do not change.");
        }
        try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }
}
