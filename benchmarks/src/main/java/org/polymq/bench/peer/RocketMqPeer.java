/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.bench.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.rocketmq.broker.BrokerController;
import org.apache.rocketmq.broker.BrokerStartup;
import org.apache.rocketmq.namesrv.NamesrvStartup;
import org.polymq.bench.FreePorts;

/**
 * Apache RocketMQ's name server and broker in this JVM, on loopback, with its defaults (ASYNC_FLUSH) and its files
 * under one directory. Prints {@code READY namesrv=HOST:PORT} once the broker accepts; a master with a synchronous
 * replica also {@code REPLICATED} once that is there. A replica has no name server of its own.
 */
public final class RocketMqPeer {
    private static final long LOOK_MILLIS = 50;

    private RocketMqPeer() {}

    /**
     * Starts both and keeps running until the process is ended.
     *
     * @param args the directory to use, empty or its own of before; the ports of name server and broker, or none for
     *     any that are free; the broker's role, {@code ASYNC_MASTER} if none is given
     */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]).toAbsolutePath();
        System.setProperty("rocketmq.home.dir", directory.toString());
        System.setProperty("user.home", directory.toString());
        int nameServerPort = args.length > 2 ? Integer.parseInt(args[1]) : FreePorts.block(1);
        // The broker also takes port - 2 and port + 1.
        int brokerPort = args.length > 2 ? Integer.parseInt(args[2]) : FreePorts.block(4) + 2;
        String role = args.length > 3 ? args[3] : "ASYNC_MASTER";

        if (!role.equals("SLAVE")) {
            NamesrvStartup.main0(new String[] {
                "-c", nameServerConfig(directory, nameServerPort).toString()
            });
        }
        BrokerController broker = BrokerStartup.createBrokerController(new String[] {
            "-c", brokerConfig(directory, brokerPort, role).toString(), "-n", "127.0.0.1:" + nameServerPort
        });
        if (BrokerStartup.start(broker) == null) {
            throw new IllegalStateException("the RocketMQ broker did not start");
        }
        System.out.println("READY namesrv=127.0.0.1:" + nameServerPort);
        if (role.equals("SYNC_MASTER")) {
            while (broker.getMessageStore().getHaService().getConnectionCount().get() == 0) {
                Thread.sleep(LOOK_MILLIS);
            }
            System.out.println("REPLICATED");
        }
    }

    private static Path nameServerConfig(Path directory, int port) throws IOException {
        return Files.writeString(directory.resolve("namesrv.conf"), """
                listenPort=%d
                bindAddress=127.0.0.1
                kvConfigPath=%s
                configStorePath=%s
                """.formatted(
                        port, directory.resolve("kv.json"), directory.resolve("namesrv.properties")));
    }

    private static Path brokerConfig(Path directory, int port, String role) throws IOException {
        int copies = role.equals("ASYNC_MASTER") ? 1 : 2;
        return Files.writeString(directory.resolve("broker.conf"), """
                brokerClusterName=DefaultCluster
                brokerName=broker-1
                brokerId=%d
                brokerRole=%s
                totalReplicas=%d
                inSyncReplicas=%d
                brokerIP1=127.0.0.1
                listenPort=%d
                bindAddress=127.0.0.1
                flushDiskType=ASYNC_FLUSH
                storePathRootDir=%s
                storePathCommitLog=%s
                """.formatted(
                        role.equals("SLAVE") ? 1 : 0,
                        role,
                        copies,
                        copies,
                        port,
                        directory.resolve("store"),
                        directory.resolve("store/commitlog")));
    }
}
