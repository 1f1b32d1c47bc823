/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GroupLogTest {
    private static final int SEGMENT = 64 * 1024;
    private static final long IDENTITY = 0x5eed_0f_a_6e0f_1L;

    @TempDir
    private Path directory;

    private FlushMode flush = FlushMode.ASYNC;

    /** One node: its log and what its state machine saw. */
    private final class Node implements AutoCloseable {
        private final TestMachine machine = new TestMachine();
        private final Log log;

        Node(String name) throws IOException {
            LogConfig config = new LogConfig(directory.resolve(name), SEGMENT, flush, Duration.ofMillis(20), 8192, 0);
            log = Log.openInGroup(config, new NioDisk(), InstantSource.system(), Failpoints.NONE, machine, IDENTITY);
        }

        GroupLog group() {
            return log.group();
        }

        void write(GroupEntry... entries) {
            group().write(List.of(entries));
        }

        @Override
        public void close() {
            log.close();
        }
    }

    private static GroupEntry copy(GroupEntry entry) {
        return new GroupEntry(
                entry.index(), entry.term(), entry.kind(), entry.body().duplicate());
    }

    private static GroupEntry nothing(long index, long term) {
        return new GroupEntry(index, term, GroupEntry.Kind.NOTHING, ByteBuffer.allocate(0));
    }

    private static GroupEntry members(long index, long term, String names) {
        return new GroupEntry(index, term, GroupEntry.Kind.MEMBERS, ByteBuffer.wrap(names.getBytes(UTF_8)));
    }

    /** Leads: each proposal is written by both and applied by both. */
    private static void lead(Node leader, Node follower, long term) {
        leader.group().lead((body, proposed) -> {
            GroupEntry entry = new GroupEntry(leader.group().lastIndex() + 1, term, GroupEntry.Kind.MESSAGES, body);
            leader.write(entry);
            follower.write(copy(entry));
            leader.group().apply(entry.index(), proposed);
            follower.group().apply(entry.index(), null);
        });
    }

    private static void send(Log log, int from, int count) {
        for (int i = from; i < from + count; i++) {
            TestRequest request = TestRequest.message(TestMachine.message(i % 5, i, 20 + i % 300));
            log.append(request);
            request.join();
        }
    }

    private List<String> files(String name) throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve(name))) {
            return all.filter(each -> each.toString().endsWith(".segment"))
                    .map(each -> each.getFileName() + " " + Arrays.hashCode(bytes(each)))
                    .sorted()
                    .toList();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void allNodesWriteTheSameBytesAndSeeTheSame(FlushMode mode) throws IOException {
        flush = mode;
        try (Node leader = new Node("a");
                Node follower = new Node("b")) {
            leader.write(members(1, 1, "a,b"));
            follower.write(members(1, 1, "a,b"));
            lead(leader, follower, 1);
            send(leader.log, 0, mode == FlushMode.SYNC ? 900 : 2000);

            assertThat(follower.machine.digest()).isEqualTo(leader.machine.digest());
            assertThat(follower.machine.count()).isEqualTo(leader.machine.count());
            assertThat(follower.log.end()).isEqualTo(leader.log.end());
            for (int queue = 0; queue < 5; queue++) {
                assertThat(records(follower.log, queue))
                        .isEqualTo(records(leader.log, queue))
                        .hasSizeGreaterThan(100);
            }
        }
        assertThat(files("b")).isEqualTo(files("a")).hasSizeGreaterThan(2);
    }

    private static List<String> records(Log log, long queue) {
        List<String> found = new ArrayList<>();
        log.index().scan(queue, 0, Integer.MAX_VALUE, (offset, entry) -> {
            found.add(offset + " " + entry.position() + " "
                    + log.read(entry.position()).getLong(9));
            return true;
        });
        return found;
    }

    @Test
    void refusesRequestsUnlessItLeads() throws IOException {
        try (Node node = new Node("a")) {
            TestRequest request = TestRequest.message(TestMachine.message(1, 1, 1));
            node.log.append(request);

            assertThatThrownBy(() -> request.join())
                    .hasCauseInstanceOf(StorageException.class)
                    .hasMessageContaining("does not lead");
        }
    }

    @Test
    void aRequestWithoutRecordsIsAnsweredBehindThoseBeforeIt() throws IOException {
        try (Node leader = new Node("a");
                Node follower = new Node("b")) {
            List<Runnable> proposals = new ArrayList<>();
            leader.group()
                    .lead((body, proposed) -> proposals.add(() -> {
                        GroupEntry entry =
                                new GroupEntry(leader.group().lastIndex() + 1, 1, GroupEntry.Kind.MESSAGES, body);
                        leader.write(entry);
                        follower.write(copy(entry));
                        leader.group().apply(entry.index(), proposed);
                        follower.group().apply(entry.index(), null);
                    }));
            TestRequest before = TestRequest.message(TestMachine.message(1, 1, 20));
            TestRequest nothing = new TestRequest(List.of(), false, true);
            leader.log.append(before);
            leader.log.append(nothing);
            assertThat(nothing.isCompleted()).isFalse();

            proposals.forEach(Runnable::run);

            assertThat(before.isCompleted()).isTrue();
            assertThat(nothing.isCompleted()).isTrue();
            assertThat(follower.machine.digest()).isEqualTo(leader.machine.digest());
            lead(leader, follower, 1);
            send(leader.log, 2, 1);
        }
        assertThat(files("a")).isEqualTo(files("b"));
        long digest;
        try (Node again = new Node("a")) {
            digest = again.machine.digest();
            assertThat(again.group().lastIndex()).isEqualTo(3);
        }
        try (Node again = new Node("b")) {
            assertThat(again.machine.digest()).isEqualTo(digest);
        }
    }

    @Test
    void whatIsWrittenIsSeenOnceItIsApplied() throws IOException {
        try (Node leader = new Node("a")) {
            List<ProposedEntry> proposals = new ArrayList<>();
            leader.group().lead((body, proposed) -> {
                leader.write(new GroupEntry(leader.group().lastIndex() + 1, 1, GroupEntry.Kind.MESSAGES, body));
                proposals.add(proposed);
            });
            TestRequest request = TestRequest.message(TestMachine.message(1, 7, 10));
            leader.log.append(request);
            long position = 64 + 56;

            assertThat(leader.log.index().end(1)).isZero();
            assertThatThrownBy(() -> leader.log.read(position)).isInstanceOf(StorageException.class);
            assertThat(request.outcome()).isNotDone();

            leader.group().apply(1, proposals.get(0));
            assertThat(request.outcome()).isCompleted();
            assertThat(leader.log.read(position).getLong(9)).isEqualTo(7);
        }
    }

    @Test
    void goesOnAfterARestartAsIfThereHadBeenNone() throws IOException {
        try (Node leader = new Node("a");
                Node follower = new Node("b")) {
            lead(leader, follower, 1);
            send(leader.log, 0, 1500);
        }
        try (Node leader = new Node("a");
                Node follower = new Node("b")) {
            assertThat(leader.group().lastIndex()).isEqualTo(1500);
            assertThat(leader.group().appliedIndex()).isBetween(1L, 1499L);
            leader.group().apply(1500, null);
            follower.group().apply(1500, null);
            assertThat(leader.machine.digest()).isEqualTo(follower.machine.digest());

            lead(follower, leader, 2);
            send(follower.log, 1500, 500);
            assertThat(leader.machine.digest()).isEqualTo(follower.machine.digest());
            assertThat(leader.machine.count()).isEqualTo(2000);
        }
        assertThat(files("b")).isEqualTo(files("a"));
    }

    @Test
    void readsEveryEntryBackAlsoAfterARestart() throws IOException {
        List<GroupEntry> written = new ArrayList<>();
        try (Node node = new Node("a")) {
            node.write(members(1, 1, "a,b,c"));
            node.write(nothing(2, 1));
            node.group().lead((body, proposed) -> {
                GroupEntry entry = new GroupEntry(node.group().lastIndex() + 1, 3, GroupEntry.Kind.MESSAGES, body);
                written.add(copy(entry));
                node.write(entry);
                node.group().apply(entry.index(), proposed);
            });
            send(node.log, 0, 1000);
        }
        try (Node node = new Node("a")) {
            assertThat(node.group().entry(1)).isEqualTo(members(1, 1, "a,b,c"));
            assertThat(node.group().entry(2)).isEqualTo(nothing(2, 1));
            for (GroupEntry entry : written) {
                assertThat(node.group().entry(entry.index())).isEqualTo(entry);
            }
            assertThat(node.group().entry(1003)).isNull();
            assertThat(node.group().entry(node.group().firstIndex())).isNotNull();
        }
    }

    @Test
    void takesBackWhatWasNotCommittedAlsoAcrossSegments() throws IOException {
        Random random = new Random(11);
        try (Node leader = new Node("a");
                Node follower = new Node("b")) {
            lead(leader, follower, 1);
            for (int round = 0; round < 20; round++) {
                send(leader.log, round * 100, 100);
                long committed = follower.group().lastIndex();
                int stray = random.nextInt(400);
                for (int i = 1; i <= stray; i++) {
                    ByteBuffer body = EntryBody.encode(
                            List.of(TestRequest.message(TestMachine.message(9, i, 300))),
                            EntryFormat.HEADER + EntryFormat.FRAME + 317,
                            1);
                    follower.write(new GroupEntry(committed + i, 2, GroupEntry.Kind.MESSAGES, body));
                }
                follower.group().cutAfter(committed);
                assertThat(follower.group().lastIndex()).isEqualTo(committed);
            }
            assertThat(follower.machine.digest()).isEqualTo(leader.machine.digest());
            assertThatThrownBy(() -> follower.group().cutAfter(5)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(files("b")).isEqualTo(files("a"));
    }

    @Test
    void whatWasTakenBackStaysAwayAfterARestart() throws IOException {
        try (Node node = new Node("a")) {
            for (int i = 1; i <= 300; i++) {
                node.write(members(i, 1, "m".repeat(400)));
            }
            node.group().cutAfter(40);
            node.write(nothing(41, 2));
        }
        try (Node node = new Node("a")) {
            assertThat(node.group().lastIndex()).isEqualTo(41);
            assertThat(node.group().term(41)).isEqualTo(2);
        }
    }

    @Test
    void cutsATornEntryAtTheEnd() throws IOException {
        try (Node node = new Node("a")) {
            for (int i = 1; i <= 10; i++) {
                node.write(members(i, 1, "member" + i));
            }
        }
        Path file = directory.resolve("a").resolve("0000000001.segment");
        byte[] bytes = bytes(file);
        int last = bytes.length - 1;
        while (bytes[last] == 0) {
            last--;
        }
        bytes[last] ^= 1;
        Files.write(file, bytes);

        try (Node node = new Node("a")) {
            assertThat(node.group().lastIndex()).isEqualTo(9);
            node.write(nothing(10, 2));
            assertThat(node.group().entry(10)).isEqualTo(nothing(10, 2));
        }
    }

    @Test
    void removesSegmentsOnEveryNodeAlike() throws IOException {
        try (Node leader = new Node("a");
                Node follower = new Node("b")) {
            lead(leader, follower, 1);
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                send(leader.log, 0, 200);
                keepTheLast(leader);
                keepTheLast(follower);
                return leader.log.removableBelow() > 0 && follower.log.removableBelow() > 0;
            });
            removeFirst(leader);
            TestRequest cleaning = TestRequest.control(TestMachine.cleanSegment(2, 1));
            leader.log.append(cleaning);
            cleaning.join();

            assertThat(follower.log.start()).isEqualTo(leader.log.start()).isGreaterThan(0);
            assertThat(records(follower.log, 1)).isEqualTo(records(leader.log, 1));
            assertThat(follower.group().firstIndex()).isGreaterThan(1);
            await().until(() -> !hasFirstSegment("b"));
            assertThat(follower.group().entry(1)).isNull();
        }
        try (Node leader = new Node("a")) {
            leader.group().apply(leader.group().lastIndex(), null);
            assertThat(leader.log.start()).isGreaterThan(0);
        }
    }

    private static void keepTheLast(Node node) {
        node.group().keepFrom(node.group().lastIndex());
    }

    private static void removeFirst(Node leader) {
        TestRequest removal = TestRequest.control(
                TestMachine.removeSegment(leader.log.sealedSegments().get(0)));
        leader.log.append(removal);
        removal.join();
    }

    private boolean hasFirstSegment(String name) {
        return Files.exists(directory.resolve(name).resolve("0000000001.segment"));
    }

    /** Its own engine may be further behind than that of the node which led when the segment was removed. */
    @Test
    void aNodeKeepsEntriesOfARemovedSegmentUntilItDoesNotNeedThem() throws IOException {
        GroupEntry first;
        try (Node leader = new Node("a");
                Node behind = new Node("b")) {
            lead(leader, behind, 1);
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                send(leader.log, 0, 200);
                keepTheLast(leader);
                return leader.log.removableBelow() > 0;
            });
            first = copy(Objects.requireNonNull(behind.group().entry(1)));
            removeFirst(leader);
            await().until(() -> !hasFirstSegment("a"));

            long removedIn = behind.log.newestSegment();
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                send(leader.log, 0, 200);
                return behind.log.newestSegment() > removedIn + 2 && oldestSnapshot("b") > removedIn * SEGMENT / 2;
            });
            assertThat(behind.log.start()).isGreaterThan(0);
            assertThat(behind.group().entry(1)).isEqualTo(first);
        }
        try (Node behind = new Node("b")) {
            assertThat(behind.log.start())
                    .as("the snapshot is of after the removal")
                    .isGreaterThan(0);
            assertThat(behind.group().entry(1)).isEqualTo(first);

            keepTheLast(behind);
            await().until(() -> !hasFirstSegment("b"));
            assertThat(behind.group().entry(1)).isNull();
        }
    }

    private long oldestSnapshot(String name) throws IOException {
        try (Stream<Path> all = Files.list(directory.resolve(name))) {
            return all.map(each -> each.getFileName().toString())
                    .filter(each -> each.endsWith(".snapshot"))
                    .mapToLong(each -> Long.parseLong(each.replace(".snapshot", "")))
                    .min()
                    .orElse(0);
        }
    }

    @Test
    void refusesTheLogOfAnotherGroup() throws IOException {
        try (Node node = new Node("b")) {
            node.write(nothing(1, 1));
        }
        LogConfig config = new LogConfig(directory.resolve("b"), SEGMENT, flush, Duration.ofMillis(20), 8192, 0);
        assertThatThrownBy(() -> Log.openInGroup(
                        config, new NioDisk(), InstantSource.system(), Failpoints.NONE, new TestMachine(), 42))
                .hasMessageContaining("is not of this group");
    }
}
