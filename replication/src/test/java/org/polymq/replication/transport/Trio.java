/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.replication.transport;

import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.NodeManager;
import com.alipay.sofa.jraft.RaftServiceFactory;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcServerFactory;
import com.alipay.sofa.jraft.storage.LogStorage;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.polymq.storage.FixedPorts;

/** Three nodes of the engine in this process, on this transport, with logs in memory. */
final class Trio implements AutoCloseable {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final List<Node> nodes = new ArrayList<>();
    private final List<NodeServer> servers = new ArrayList<>();
    private final List<List<String>> applied = new ArrayList<>();

    Trio(Path directory, Optional<NodeTransport.TlsContexts> tls) throws IOException {
        NodeTransport transport = new NodeTransport(
                "trio", loops, loops, NioServerSocketChannel.class, NioSocketChannel.class, Map.of(), tls, 1 << 20);
        List<PeerId> peers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            peers.add(new PeerId("127.0.0.1", new FixedPorts().block(1)));
        }
        for (PeerId peer : peers) {
            start(transport, peer, peers, directory.resolve("n" + peer.getPort()));
        }
    }

    private void start(NodeTransport transport, PeerId peer, List<PeerId> peers, Path directory) {
        NodeServer server =
                new NodeServer(transport, NodePort.of(new InetSocketAddress(peer.getIp(), peer.getPort())), executor);
        RaftRpcServerFactory.addRaftRequestProcessors(server, executor, executor);
        server.init(null);
        servers.add(server);
        List<String> mine = new ArrayList<>();
        applied.add(mine);
        TransportOptions options = new TransportOptions(transport);
        options.setInitialConf(new Configuration(peers));
        options.setElectionTimeoutMs(1000);
        options.setRaftMetaUri(directory.resolve("meta").toString());
        options.setServiceFactory(new DefaultJRaftServiceFactory() {
            @Override
            public LogStorage createLogStorage(String uri, RaftOptions raftOptions) {
                return new HeapLogStorage();
            }
        });
        options.setFsm(new StateMachineAdapter() {
            @Override
            public void onApply(Iterator entries) {
                while (entries.hasNext()) {
                    synchronized (mine) {
                        mine.add(StandardCharsets.UTF_8
                                .decode(entries.getData().duplicate())
                                .toString());
                    }
                    entries.next();
                }
            }
        });
        options.setLogUri("none");
        NodeManager.getInstance().addAddress(peer.getEndpoint());
        nodes.add(RaftServiceFactory.createAndInitRaftNode("trio", peer, options));
    }

    NodeServer server(int node) {
        return servers.get(node);
    }

    InetSocketAddress address(int node) {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(), servers.get(node).boundPort());
    }

    /** Commits a word and waits until all three have applied it. */
    void agreeOn(String word) {
        await().atMost(Duration.ofSeconds(60)).until(() -> nodes.stream().anyMatch(Node::isLeader));
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    nodes.stream().filter(Node::isLeader).forEach(leader -> {
                        Task task = new Task();
                        task.setData(ByteBuffer.wrap(word.getBytes(StandardCharsets.UTF_8)));
                        leader.apply(task);
                    });
                    return applied.stream().allMatch(each -> contains(each, word));
                });
    }

    private static boolean contains(List<String> words, String word) {
        synchronized (words) {
            return words.contains(word);
        }
    }

    @Override
    public void close() {
        nodes.forEach(Node::shutdown);
        try {
            for (Node node : nodes) {
                node.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        servers.forEach(NodeServer::shutdown);
        executor.shutdownNow();
        loops.shutdownGracefully();
    }
}
