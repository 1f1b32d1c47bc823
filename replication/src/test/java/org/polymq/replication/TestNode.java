/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.polymq.replication.transport.NodePort;
import org.polymq.replication.transport.NodeTransport;
import org.polymq.storage.AppendRequest;
import org.polymq.storage.Failpoints;
import org.polymq.storage.FlushMode;
import org.polymq.storage.Log;
import org.polymq.storage.LogConfig;
import org.polymq.storage.NioDisk;
import org.polymq.storage.StorageException;

/** One node of a group in this process, that can be stopped and started. */
final class TestNode implements Leadership {
    static final int SEGMENT = 64 * 1024;
    private final int segmentSize;

    private final Path directory;
    private final int port;
    private final List<Integer> ports;
    private final FlushMode flush;
    private @Nullable EventLoopGroup loops;
    private @Nullable Log log;
    private @Nullable RaftGroup group;
    private ListMachine machine = new ListMachine();
    private volatile boolean restarting;
    private volatile @Nullable String failure;
    private int restarts;
    private boolean mayVote = true;
    private Duration electionTimeout = Duration.ofSeconds(1);
    private long transferRate = 64 << 20;
    private Duration keepFor = Duration.ZERO;

    TestNode(Path directory, int port, List<Integer> ports, FlushMode flush) {
        this(directory, port, ports, flush, SEGMENT);
    }

    TestNode(Path directory, int port, List<Integer> ports, FlushMode flush, int segmentSize) {
        this.segmentSize = segmentSize;
        this.directory = directory;
        this.port = port;
        this.ports = ports;
        this.flush = flush;
    }

    private static String address(int port) {
        return "127.0.0.1:" + port;
    }

    synchronized void start() throws IOException {
        failure = null;
        restarting = false;
        GroupOptions options = new GroupOptions(
                "test",
                "group",
                address(port),
                ports.stream().map(TestNode::address).toList(),
                directory.resolve("raft"),
                segmentSize,
                electionTimeout,
                transferRate,
                mayVote,
                keepFor);
        Path files = directory.resolve("log");
        Files.createDirectories(files);
        RaftGroup.beforeLog(options, files);
        machine = new ListMachine();
        Log opened = Log.openInGroup(
                new LogConfig(files, segmentSize, flush, Duration.ofMillis(20), 8192, 0),
                new NioDisk(),
                InstantSource.system(),
                Failpoints.NONE,
                machine,
                options.identity());
        log = opened;
        loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        NodeTransport transport = new NodeTransport(
                options.common(),
                loops,
                loops,
                NioServerSocketChannel.class,
                NioSocketChannel.class,
                Map.of(),
                Optional.empty(),
                1 << 20);
        group = RaftGroup.open(
                options,
                transport,
                NodePort.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)),
                opened,
                files,
                this);
    }

    /** From its next start on it sends files so fast, in bytes a second, and keeps entries for who takes them. */
    void sendFilesAt(long rate, Duration patience) {
        transferRate = rate;
        keepFor = patience;
    }

    /** Starts as after a power cut that may have taken what it had acknowledged. */
    void startWithoutVote() throws IOException {
        mayVote = false;
        start();
    }

    /** Starts as one that waits so long for its leader. */
    void start(Duration timeout) throws IOException {
        electionTimeout = timeout;
        start();
    }

    /** Its connections and its port close without a word, as when its process is killed. */
    synchronized void crash() {
        if (loops != null) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    synchronized void stop() {
        if (group != null) {
            group.close();
            group = null;
        }
        if (log != null) {
            log.close();
            log = null;
        }
        if (loops != null) {
            loops.shutdownGracefully();
        }
        restarting = false; // the next start adopts what lies ready
    }

    /** Its engine stays with the newest snapshot that it has, until the next start. */
    void takeNoMoreSnapshots() {
        log().whenSnapshotWritten(position -> {});
    }

    /** Does what a server does when a snapshot lies ready. */
    synchronized void restartIfAsked() {
        if (restarting) {
            stop();
            restarts++;
            try {
                start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void leading(long term) {
        CompletableFuture.runAsync(() -> group().acceptProposals(term));
    }

    @Override
    public void following() {
        // The log refuses by itself.
    }

    @Override
    public void restart() {
        restarting = true;
    }

    @Override
    public void broken(String reason) {
        failure = reason;
    }

    @Nullable
    String failure() {
        return restarting ? null : failure;
    }

    int restarts() {
        return restarts;
    }

    synchronized RaftGroup group() {
        if (group == null) {
            throw new IllegalStateException("the node is stopped");
        }
        return group;
    }

    synchronized Log log() {
        if (log == null) {
            throw new IllegalStateException("the node is stopped");
        }
        return log;
    }

    synchronized boolean isRunning() {
        return group != null;
    }

    synchronized boolean leads() {
        return isRunning() && group().isLeading();
    }

    long digest() {
        return machine.digest();
    }

    /** Sends a record; done when it is stored. */
    CompletableFuture<Long> send(long first, long second, int filling) {
        CompletableFuture<Long> outcome = new CompletableFuture<>();
        ByteBuffer record = ByteBuffer.allocate(16 + filling).putLong(0, first).putLong(8, second);
        log().append(new AppendRequest(List.of(record), false, false) {
            @Override
            protected void completed() {
                outcome.complete(second);
            }

            @Override
            protected void failed(StorageException cause) {
                outcome.completeExceptionally(cause);
            }
        });
        return outcome;
    }

    /** The numbers in queue 1. */
    List<Long> numbers() {
        List<Long> found = new ArrayList<>();
        log().index().scan(1, 0, Integer.MAX_VALUE, (offset, entry) -> {
            found.add(log().read(entry.position()).getLong(8));
            return true;
        });
        return found;
    }

    /** Name and hash of each segment that is sealed and cut. */
    List<String> sealedFiles() throws IOException {
        List<String> names = log().sealedSegments().stream()
                .map(each -> String.format("%010d.segment", each.number()))
                .toList();
        try (Stream<Path> all = Files.list(directory.resolve("log"))) {
            return all.filter(each -> names.contains(each.getFileName().toString()))
                    .map(each -> each.getFileName() + " " + hash(each))
                    .sorted()
                    .toList();
        }
    }

    private static int hash(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] == 0) {
                end--;
            }
            return Arrays.hashCode(Arrays.copyOf(bytes, end));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
