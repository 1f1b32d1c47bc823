/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.polymq.storage.FixedPorts;
import org.polymq.storage.FlushMode;
import org.polymq.storage.StorageException;

class RaftGroupTest {
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    private Path directory;

    private final List<TestNode> nodes = new ArrayList<>();
    private final List<Long> acknowledged = new ArrayList<>();
    private long next;

    @BeforeEach
    void threeNodes() throws IOException {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ports.add(new FixedPorts().block(1));
        }
        for (int i = 0; i < 3; i++) {
            nodes.add(new TestNode(directory.resolve("n" + i), ports.get(i), ports, FlushMode.ASYNC));
        }
    }

    @AfterEach
    void stopAll() {
        nodes.forEach(TestNode::stop);
    }

    private void start(int... which) throws IOException {
        for (int each : which) {
            nodes.get(each).start();
        }
    }

    /**
     * Who leads. Nodes that asked for a restart get it here as from a server: until then they do not vote, so with a
     * second node away there would be no leader.
     */
    private TestNode leader() {
        return await("the group has a leader")
                .atMost(LONG)
                .until(
                        () -> {
                            nodes.forEach(TestNode::restartIfAsked);
                            return nodes.stream().filter(TestNode::leads).findFirst();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    private TestNode follower() {
        return nodes.stream().filter(each -> !each.leads()).findFirst().orElseThrow();
    }

    /** Sends until so many more are acknowledged, whoever leads. */
    private void send(int count) throws InterruptedException {
        long deadline = System.nanoTime() + LONG.toNanos();
        int done = 0;
        while (done < count) {
            assertThat(System.nanoTime()).as("the group takes sends").isLessThan(deadline);
            TestNode leader = leader();
            List<CompletableFuture<Long>> batch = new ArrayList<>();
            for (int i = 0; i < Math.min(50, count - done); i++) {
                batch.add(leader.send(0, next++, 300));
            }
            for (var each : batch) {
                try {
                    acknowledged.add(each.get(30, TimeUnit.SECONDS));
                    done++;
                } catch (ExecutionException | TimeoutException e) {
                    // Not acknowledged: it may be there or not.
                }
            }
        }
    }

    private void awaitAllAlike() {
        await().atMost(LONG).untilAsserted(() -> {
            TestNode leader = leader();
            List<TestNode> running = nodes.stream().filter(TestNode::isRunning).toList();
            assertThat(leader.numbers()).containsAll(acknowledged);
            for (TestNode each : running) {
                assertThat(each.failure()).isNull();
                assertThat(each.numbers()).isEqualTo(leader.numbers());
                assertThat(each.digest()).isEqualTo(leader.digest());
                assertThat(each.log().end()).isEqualTo(leader.log().end());
            }
        });
    }

    private void assertFilesAlike() throws IOException {
        List<String> first = nodes.get(0).sealedFiles();
        for (TestNode each : nodes) {
            assertThat(each.sealedFiles()).isEqualTo(first);
        }
    }

    @Test
    void whatIsAcknowledgedSurvivesItsLeaderAndAllFilesAreAlike() throws Exception {
        start(0, 1, 2);
        send(300);
        for (int round = 0; round < 3; round++) {
            TestNode leader = leader();
            leader.stop();
            send(300);
            leader.start();
        }
        send(100);

        awaitAllAlike();
        assertThat(acknowledged).hasSize(1300).doesNotHaveDuplicates();
        assertFilesAlike();
    }

    @Test
    void whoFollowsALeaderWhoseProcessIsGoneDoesNotWaitForTheTimeout() throws Exception {
        start(0, 1, 2);
        send(100);
        TestNode leader = leader();
        List<TestNode> others = nodes.stream().filter(each -> each != leader).toList();
        for (TestNode each : others) {
            each.stop();
            each.start(Duration.ofMinutes(3)); // longer than this test waits
            send(50);
            awaitAllAlike();
        }

        leader.crash();

        await().atMost(LONG).until(() -> others.stream().anyMatch(TestNode::leads));
        leader.stop();
        send(50);
        awaitAllAlike();
    }

    @Test
    void aGroupThatStopsWholeGoesOnWhereItWas() throws Exception {
        start(0, 1, 2);
        send(900);
        awaitAllAlike();
        nodes.forEach(TestNode::stop);
        start(0, 1, 2);
        send(50);

        awaitAllAlike();
        assertThat(leader().numbers()).hasSizeGreaterThanOrEqualTo(950);
        assertFilesAlike();
    }

    @Test
    void withoutAMajorityNothingIsAcknowledged() throws Exception {
        start(0, 1, 2);
        send(10);
        TestNode leader = leader();
        nodes.stream().filter(each -> each != leader).forEach(TestNode::stop);

        assertThat(leader.send(0, next++, 10)).failsWithin(LONG).withThrowableOfType(ExecutionException.class);
    }

    @Test
    void anEmptyNodeIsGivenTheFilesThatTheLogNoLongerHandsOut() throws Exception {
        start(0, 1, 2);
        send(1500);
        TestNode lost = follower();
        lost.stop();
        deleteAll(directory.resolve("n" + nodes.indexOf(lost)));
        removeSegments(3);
        send(1500);
        lost.start();

        awaitAllAlike();
        assertThat(lost.restarts()).isPositive();
        assertThat(lost.log().start()).isGreaterThan(0);
        send(100);
        awaitAllAlike();
        assertFilesAlike();
    }

    @Test
    void aNodeThatFellFarBehindIsGivenTheFilesToo() throws Exception {
        start(0, 1, 2);
        send(300);
        TestNode behind = follower();
        behind.stop();
        send(1500);
        removeSegments(3);
        send(1500);
        behind.start();

        awaitAllAlike();
        assertThat(behind.restarts()).isPositive();
        behind.stop();
        behind.start();
        awaitAllAlike();
        assertFilesAlike();
    }

    /** Meanwhile many more segments are filled than the engine keeps by itself. */
    @Test
    void aNodeThatIsGivenTheFilesSlowlyIsGivenThemOnce() throws Exception {
        Duration patience = Duration.ofSeconds(15);
        nodes.forEach(each -> each.sendFilesAt(256 << 10, patience));
        start(0, 1, 2);
        send(300);
        TestNode behind = follower();
        behind.stop();
        send(1500);
        removeSegments(3);
        int leader = nodes.indexOf(leader());
        List<Path> before = snapshots("raft/snapshot", leader);
        await("nothing is kept for it any more").atMost(LONG).until(() -> {
            send(100);
            return !snapshots("raft/snapshot", leader).equals(before);
        });
        send(1500);
        behind.start();
        await("it is given the files").atMost(LONG).until(() -> {
            send(100);
            return behind.restarts() > 0;
        });
        send(1500);

        awaitAllAlike();
        assertThat(behind.restarts()).isEqualTo(1);
        assertFilesAlike();
    }

    @Test
    void aNodeWhoseSnapshotsAreLostSaysWhatToDo() throws Exception {
        start(0, 1, 2);
        send(1500);
        TestNode damaged = follower();
        removeSegments(3);
        send(1500);
        awaitAllAlike();
        damaged.stop();
        Path data = directory.resolve("n" + nodes.indexOf(damaged));
        deleteAll(data.resolve("raft").resolve("snapshot"));

        assertThatThrownBy(damaged::start).isInstanceOf(IOException.class).hasMessageContaining("does not start");
        damaged.stop();
        deleteAll(data);
        damaged.start();
        awaitAllAlike();
    }

    /** As after a backup, which keeps no index of the newest segments: the log is read from its beginning. */
    @Test
    void aNodeWhoseLogTakesASnapshotAgainStillSendsTheOneThatItHas() throws Exception {
        start(0, 1, 2);
        await().atMost(LONG).until(() -> {
            send(50);
            return !snapshots("raft/snapshot", 0).isEmpty()
                    && !snapshots("raft/snapshot", 1).isEmpty();
        });
        awaitAllAlike();
        stopAll();
        for (int each = 0; each < 2; each++) {
            for (Path snapshot : snapshots("log", each)) {
                Files.delete(snapshot);
            }
        }
        deleteAll(directory.resolve("n2"));
        start(0, 1);
        send(20);
        await().atMost(LONG)
                .until(() ->
                        !snapshots("log", 0).isEmpty() && !snapshots("log", 1).isEmpty());

        start(2);
        send(20);
        awaitAllAlike();
    }

    private List<Path> snapshots(String below, int node) throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve("n" + node).resolve(below))) {
            return all.filter(each -> each.getFileName().toString().contains("snapshot"))
                    .toList();
        }
    }

    /** The leader asks its own engine only before it removes segments; the node that leads next may need more. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNodeWhoseEngineIsBehindStillHasWhatItMayBeAskedFor(boolean restarted) throws Exception {
        start(0, 1, 2);
        send(300);
        awaitAllAlike();
        TestNode first = leader();
        List<TestNode> others = nodes.stream().filter(each -> each != first).toList();
        TestNode second = others.get(0);
        TestNode third = others.get(1);
        second.takeNoMoreSnapshots();
        third.stop();
        send(1000);
        removeSegments(2);
        send(1000);
        await().atMost(LONG).until(() -> second.numbers().equals(leader().numbers()));
        assertThat(second.log().start()).isGreaterThan(0);
        first.stop();
        if (restarted) {
            second.stop();
            second.start();
        }
        third.start();

        send(20);
        assertThat(second.leads()).isTrue();
        awaitAllAlike();
        assertThat(third.restarts()).as("it was given entries, not files").isZero();
        first.start();
        awaitAllAlike();
    }

    /** Removes the first segments through the log, as retention does. */
    private void removeSegments(int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            long number = i;
            await().atMost(LONG).until(() -> {
                send(50);
                return leader().log().removableBelow() >= number * TestNode.SEGMENT;
            });
            acknowledged.removeAll(inSegment(number));
            await().atMost(LONG).until(() -> isRemoved(number));
        }
    }

    /** False if the lead was lost meanwhile: whoever leads next is asked again, which does no harm if it was done. */
    private boolean isRemoved(long number) throws Exception {
        try {
            leader().send(-1, number, 0).get(60, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException lost) {
            if (lost.getCause() instanceof StorageException) {
                return false;
            }
            throw lost;
        }
    }

    private List<Long> inSegment(long number) {
        List<Long> found = new ArrayList<>();
        var log = leader().log();
        log.sealedSegments().stream()
                .filter(each -> each.number() == number)
                .forEach(segment -> log.index().scan(1, 0, Integer.MAX_VALUE, (offset, entry) -> {
                    if (entry.position() < segment.end()) {
                        found.add(log.read(entry.position()).getLong(8));
                    }
                    return entry.position() < segment.end();
                }));
        return found;
    }

    private static void deleteAll(Path path) throws IOException {
        SnapshotStage.delete(path);
        Files.createDirectories(path);
    }

    @Test
    void aNodeThatMayHaveLostItsEndDoesNotVoteBeforeItHasCaughtUp() throws Exception {
        start(0, 1, 2);
        send(20);
        awaitAllAlike();
        stopAll();

        nodes.get(0).startWithoutVote();
        start(1);
        await("two nodes elect nobody if one of them does not vote")
                .during(Duration.ofSeconds(4))
                .atMost(Duration.ofSeconds(10))
                .until(() -> nodes.stream().noneMatch(TestNode::leads)
                        && !nodes.get(0).group().votes());

        start(2);
        send(20);
        await().atMost(LONG).until(() -> nodes.get(0).group().votes());

        nodes.get(nodes.get(1).leads() ? 1 : 2).stop();
        send(20);
        awaitAllAlike();
    }

    @Test
    void emptiedNodesNeverElectOneOfThemselvesAndFollowTheCopyThatIsLeft() throws Exception {
        start(0, 1);
        awaitNobodyLeads("a group is formed by all of its nodes", 0, 1);
        nodes.get(1).stop();
        start(1, 2);
        send(50);
        awaitAllAlike();
        stopAll();
        for (int emptied = 1; emptied <= 2; emptied++) {
            deleteAll(directory.resolve("n" + emptied));
        }

        start(1, 2);
        awaitNobodyLeads("two of three that are empty", 1, 2);
        start(0);
        send(20);

        awaitAllAlike();
        assertThat(acknowledged).hasSize(70);
        assertThat(nodes).allMatch(each -> each.group().votes());
    }

    @Test
    void aNodeWithANewDiskDoesNotVoteForOneThatIsBehind() throws Exception {
        start(0, 1, 2);
        send(20);
        awaitAllAlike();
        TestNode behind = follower();
        behind.stop();
        send(20);
        TestNode whole = leader();
        int emptied = IntStream.range(0, 3)
                .filter(i -> nodes.get(i) != behind && nodes.get(i) != whole)
                .findFirst()
                .orElseThrow();
        stopAll();
        deleteAll(directory.resolve("n" + emptied));

        behind.start();
        start(emptied);
        awaitNobodyLeads("a node that is behind and one that is empty", nodes.indexOf(behind), emptied);
        whole.start();
        send(20);

        awaitAllAlike();
        assertThat(acknowledged).hasSize(60);
    }

    private void awaitNobodyLeads(String why, int... which) {
        await(why)
                .during(Duration.ofSeconds(4))
                .atMost(Duration.ofSeconds(20))
                .until(() -> IntStream.of(which).noneMatch(i -> nodes.get(i).leads()));
    }
}
