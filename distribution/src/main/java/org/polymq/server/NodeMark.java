/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.polymq.broker.config.ConfigException;
import org.polymq.broker.config.ServerConfig;

/**
 * Says in a data directory which node of which group it is of, so that it is not used as anything else: a node that
 * came back with another's votes, or alone, would break what the group has promised.
 */
final class NodeMark {
    private static final String FILE = "node.properties";
    private static final String GROUPS = "groups";
    /** Of this file, and of where the groups' logs are below the directory. Files without it are of the first. */
    private static final String FORMAT = "format";

    private static final int FORMAT_NOW = 1;

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
     * For a process that is a node of several groups; marks a directory that is new.
     *
     * @throws ConfigException if the directory is another's
     */
    static void checkSeveral(ServerConfig config) throws IOException {
        Path directory = config.storage().directory();
        Properties own = mark(config);
        own.setProperty(GROUPS, String.join(",", config.cluster().groups()));
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve(FILE))) {
            refuseSingle(directory, own);
            write(directory, own);
            return;
        }
        Properties there = read(directory);
        if (!differInGroupsAlone(own, there)) {
            throw refused(directory, there, own);
        }
        List<String> before = List.of(there.getProperty(GROUPS).split(",", -1));
        List<String> now = config.cluster().groups();
        if (before.size() > now.size() || !now.subList(0, before.size()).equals(before)) {
            throw new ConfigException("cluster.groups is " + String.join(",", now) + ", but " + directory
                    + " holds the data of " + describe(there)
                    + ": groups are only added, at the end; none is moved or taken out");
        }
        if (!there.equals(own)) {
            write(directory, own);
        }
    }

    private static void refuseSingle(Path directory, Properties own) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            if (files.anyMatch(each -> each.toString().endsWith(".segment"))) {
                throw new ConfigException(directory + " holds the data of a single server, but this is to be "
                        + describe(own) + ": use another directory");
            }
        }
    }

    private static boolean differInGroupsAlone(Properties own, Properties there) {
        Properties same = new Properties();
        same.putAll(there);
        same.setProperty(GROUPS, own.getProperty(GROUPS));
        return there.containsKey(GROUPS) && own.equals(same);
    }

    /**
     * For a node of one group; marks a directory that is new.
     *
     * @throws ConfigException if the directory is another's
     */
    static void check(ServerConfig config) throws IOException {
        Path directory = config.storage().directory();
        Properties own = mark(config);
        own.setProperty("group", config.brokerName());
        Files.createDirectories(directory);
        if (!Files.exists(directory.resolve(FILE))) {
            write(directory, own);
            return;
        }
        Properties there = read(directory);
        if (!own.equals(there)) {
            throw refused(directory, there, own);
        }
    }

    private static Properties mark(ServerConfig config) {
        Properties mark = new Properties();
        mark.setProperty(FORMAT, Integer.toString(FORMAT_NOW));
        mark.setProperty("cluster", config.clusterName());
        mark.setProperty("node", Integer.toString(config.cluster().node()));
        return mark;
    }

    private static ConfigException refused(Path directory, Properties there, Properties own) {
        return new ConfigException(directory + " holds the data of " + describe(there) + ", but this is to be "
                + describe(own)
                + ": correct cluster.name, cluster.node, and broker.name or cluster.groups, or use another"
                + " directory");
    }

    private static String describe(Properties mark) {
        String groups = mark.containsKey(GROUPS)
                ? "the groups '" + mark.getProperty(GROUPS)
                : "group '" + mark.getProperty("group");
        return "node " + mark.getProperty("node") + " of " + groups + "' of cluster '" + mark.getProperty("cluster")
                + "'";
    }

    private static Properties read(Path directory) throws IOException {
        Properties mark = new Properties();
        try (var in = Files.newBufferedReader(directory.resolve(FILE), UTF_8)) {
            mark.load(in);
        }
        mark.putIfAbsent(FORMAT, Integer.toString(FORMAT_NOW));
        if (Integer.parseInt(mark.getProperty(FORMAT)) > FORMAT_NOW) {
            throw new ConfigException(directory + " has format " + mark.getProperty(FORMAT)
                    + ", which a newer version wrote; this one reads up to " + FORMAT_NOW
                    + ": start that version, or use another directory");
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
