/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.MQVersion;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.header.BrokerIdentity;

/** The name server and a registered broker as the official admin client and producer see them; run with 4.9 and 5.x. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OfficialClientTest {
    private Path directory;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BrokerTopics topics = new BrokerTopics();
    private ListeningNameServer server;
    private Registration registration;
    private DefaultMQAdminExt admin;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        server = open(0);
        topics.put(new TopicConfig("TBW102", 8, 8, 7, 0, false));
        topics.put(new TopicConfig("orders", 4, 4, 6, 0, false));
        registration = register("broker-1", topics);
        registration.registered().toCompletableFuture().get(10, TimeUnit.SECONDS);
        admin = new DefaultMQAdminExt("admin");
        admin.setNamesrvAddr(address());
        admin.setInstanceName("admin" + server.port());
        admin.start();
    }

    @AfterAll
    void stop() {
        admin.shutdown();
        registration.close();
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void runsWithTheVersionThisRunIsFor() {
        String expected = "V" + System.getProperty("rocketmq.version", "4.9.8").replace('.', '_');

        assertThat(MQVersion.getVersionDesc(MQVersion.CURRENT_VERSION)).isEqualTo(expected);
    }

    @Test
    void showsTheRouteOfATopic() throws Exception {
        String route = String.valueOf(call("examineTopicRouteInfo", "orders"));

        assertThat(route)
                .contains("broker-1")
                .contains("127.0.0.1:10911")
                .contains("perm=6")
                .contains("readQueueNums=4");
    }

    @Test
    void saysThatATopicHasNoRoute() {
        assertThatThrownBy(() -> call("examineTopicRouteInfo", "nowhere"))
                .hasMessageContaining("CODE: 17")
                .hasMessageContaining("nowhere");
    }

    @Test
    void givesAProducerTheTemplateForATopicThatIsNotThereYet() throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("p");
        producer.setNamesrvAddr(address());
        producer.setInstanceName("p" + server.port());
        producer.start();
        try {
            assertThat(producer.fetchPublishMessageQueues("orders")).hasSize(4);
            assertThat(producer.fetchPublishMessageQueues("TBW102")).hasSize(8);
        } finally {
            producer.shutdown();
        }
    }

    /** A producer that is given the template without a broker to send to never asks for it again. */
    @Test
    void aProducerWhoseNewTopicNobodyTakesAtFirstFindsWhoDoesLater(@TempDir Path temporary) throws Exception {
        try (ListeningNameServer names = new ListeningNameServer(temporary.resolve("kv.json"), 0);
                Registration follower = register(names, "broker-1", topics, 1)) {
            follower.registered().toCompletableFuture().get(10, TimeUnit.SECONDS);
            DefaultMQProducer producer = new DefaultMQProducer("early");
            producer.setNamesrvAddr("127.0.0.1:" + names.port());
            producer.setInstanceName("early" + names.port());
            producer.start();
            try {
                assertThat(failure(producer)).contains("No route info");

                follower.become(identity("broker-1", 0), topics);

                await().atMost(Duration.ofSeconds(30))
                        .until(() -> failure(producer), failure -> !failure.contains("No route info"));
            } finally {
                producer.shutdown();
            }
        }
    }

    /** Why a send to a new topic fails: nothing listens where the brokers of this test would. */
    private static String failure(DefaultMQProducer producer) {
        return String.valueOf(catchThrowable(() -> producer.send(new Message("new", new byte[1]))));
    }

    @Test
    void listsClusterAndTopics() throws Exception {
        Object cluster = call("examineBrokerClusterInfo");
        assertThat(String.valueOf(
                        cluster.getClass().getMethod("getBrokerAddrTable").invoke(cluster)))
                .contains("broker-1")
                .contains("0=127.0.0.1:10911");
        Object list = call("fetchAllTopicList");
        assertThat(String.valueOf(list.getClass().getMethod("getTopicList").invoke(list)))
                .contains("orders", "TBW102");
    }

    @Test
    void keepsKeyValuesAndPutsTheOrderOfQueuesIntoTheRoute() throws Exception {
        call("createAndUpdateKvConfig", "ORDER_TOPIC_CONFIG", "orders", "broker-1:4");

        assertThat(call("getKVConfig", "ORDER_TOPIC_CONFIG", "orders")).isEqualTo("broker-1:4");
        Object table = call("getKVListByNamespace", "ORDER_TOPIC_CONFIG");
        assertThat(String.valueOf(table.getClass().getMethod("getTable").invoke(table)))
                .isEqualTo("{orders=broker-1:4}");
        assertThat(String.valueOf(call("examineTopicRouteInfo", "orders"))).contains("orderTopicConf=broker-1:4");

        call("deleteKvConfig", "ORDER_TOPIC_CONFIG", "orders");
        assertThatThrownBy(() -> call("getKVConfig", "ORDER_TOPIC_CONFIG", "orders"))
                .hasMessageContaining("CODE: 22");
    }

    @Test
    void stopsWritesToABroker() throws Exception {
        assertThat((int) call("wipeWritePermOfBroker", address(), "broker-1")).isPositive();
        assertThat(String.valueOf(call("examineTopicRouteInfo", "orders"))).contains("perm=4");
        assertThat((int) call("addWritePermOfBroker", address(), "broker-1")).isPositive();
        assertThat(String.valueOf(call("examineTopicRouteInfo", "orders"))).contains("perm=6");
    }

    @Test
    void knowsANewTopicAtOnceAndForgetsARemovedOne() {
        TopicConfig fresh = new TopicConfig("fresh", 2, 2, 6, 0, false);
        topics.put(fresh);
        registration.topicChanged(fresh);

        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(String.valueOf(call("examineTopicRouteInfo", "fresh")))
                        .contains("readQueueNums=2"));

        topics.remove("fresh");
        registration.topicsRemoved();
        await().ignoreExceptions()
                .untilAsserted(() -> assertThatThrownBy(() -> call("examineTopicRouteInfo", "fresh"))
                        .hasMessageContaining("CODE: 17"));
    }

    @Test
    void bringsThousandsOfTopicsInOneRegistration() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            topics.put(new TopicConfig("many-" + i, 4, 4, 6, 0, false));
        }
        registration.topicsRemoved();

        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(String.valueOf(call("examineTopicRouteInfo", "many-19999")))
                        .contains("broker-1"));
    }

    @Test
    void registersAgainWithANameServerThatWasRestarted() throws Exception {
        int port = server.port();
        server.close();
        server = open(port);

        await().ignoreExceptions()
                .atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(String.valueOf(call("examineTopicRouteInfo", "orders")))
                        .contains("broker-1"));
    }

    @Test
    void takesABrokerThatStopsOffItsRoutesAtOnce() throws Exception {
        BrokerTopics others = new BrokerTopics();
        others.put(new TopicConfig("only-there", 4, 4, 6, 0, false));
        try (Registration second = register("broker-2", others)) {
            second.registered().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(String.valueOf(call("examineTopicRouteInfo", "only-there")))
                    .contains("broker-2");
        }

        assertThatThrownBy(() -> call("examineTopicRouteInfo", "only-there")).hasMessageContaining("CODE: 17");
    }

    private ListeningNameServer open(int port) throws Exception {
        return new ListeningNameServer(directory.resolve("kv.json"), port);
    }

    private Registration register(String name, TopicTable table) {
        return register(server, name, table, 0);
    }

    private static BrokerIdentity identity(String name, int id) {
        return new BrokerIdentity(name, name.replace("broker-", "127.0.0.1:1091"), "DefaultCluster", id);
    }

    private Registration register(ListeningNameServer at, String name, TopicTable table, int id) {
        return Registration.open(
                loops,
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), at.port())),
                identity(name, id),
                "127.0.0.1:10912",
                BrokerProof.NONE,
                table,
                Registration.INTERVAL);
    }

    private String address() {
        return "127.0.0.1:" + server.port();
    }

    /** Result types have other packages in 4.9 than in 5.x, so one compiled test can only reach them by name. */
    private Object call(String method, Object... arguments) throws Exception {
        Class<?>[] types = Arrays.stream(arguments).map(Object::getClass).toArray(Class<?>[]::new);
        try {
            Object result = DefaultMQAdminExt.class.getMethod(method, types).invoke(admin, arguments);
            return result == null ? "" : result;
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static final class BrokerTopics implements TopicTable {
        private final Map<String, TopicConfig> topics = new ConcurrentHashMap<>();
        private final AtomicLong counter = new AtomicLong();

        void put(TopicConfig topic) {
            topics.put(topic.name(), topic);
            counter.incrementAndGet();
        }

        void remove(String name) {
            topics.remove(name);
            counter.incrementAndGet();
        }

        @Override
        public DataVersion version() {
            return new DataVersion(0, 1, counter.get());
        }

        @Override
        public RegisterBrokerBody snapshot() {
            return new RegisterBrokerBody(version(), topics, List.of());
        }
    }
}
