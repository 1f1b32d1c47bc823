/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;

/**
 * One node of one group.
 *
 * @param cluster name of the cluster; nodes of another are not let in
 * @param group name of the group
 * @param self this node's address between nodes, {@code host:port}, as the others name it
 * @param members all nodes that the group begins with; what was changed since counts more. Empty for a node that is to
 *     be added to a group that is there
 * @param directory where the engine keeps what is not in the log
 * @param segmentSize of the log, bytes; the same on all nodes
 * @param electionTimeout without a word from a leader, after this a node stands for election
 * @param transferRate of files to a node that is far behind, bytes a second
 * @param mayVote false if the end of the log may be lost that this node said it had: then it neither votes nor stands
 *     for election until it has all again that is committed
 * @param keepFor how long a leader keeps entries for a follower that says nothing, since it may be starting again
 */
public record GroupOptions(
        String cluster,
        String group,
        String self,
        List<String> members,
        Path directory,
        int segmentSize,
        Duration electionTimeout,
        long transferRate,
        boolean mayVote,
        Duration keepFor) {
    public GroupOptions {
        members = List.copyOf(members);
    }

    /** Of a node that keeps entries for others while they start again. */
    public GroupOptions(
            String cluster,
            String group,
            String self,
            List<String> members,
            Path directory,
            int segmentSize,
            Duration electionTimeout,
            long transferRate,
            boolean mayVote) {
        this(
                cluster,
                group,
                self,
                members,
                directory,
                segmentSize,
                electionTimeout,
                transferRate,
                mayVote,
                Duration.ofMinutes(1));
    }

    /** What all nodes must have in common to write the same log. */
    public String common() {
        return cluster + '/' + group + '/' + segmentSize;
    }

    /** The number that all files of the group's log carry. */
    public long identity() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("PolyMQ log " + common()).getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
