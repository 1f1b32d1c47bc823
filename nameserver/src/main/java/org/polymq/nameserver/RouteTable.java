/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.polymq.remoting.wire.body.BrokerData;
import org.polymq.remoting.wire.body.ClusterInfo;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.QueueData;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.body.TopicRouteData;

/**
 * Which brokers are alive and what topics they serve. Safe from any thread: one lock, held for map operations only.
 *
 * <p>What is asked about one topic or one broker costs what that topic or broker has, however many others there are.
 * Times are milliseconds of one steady clock, given by the caller.
 */
final class RouteTable {
    /** What producers ask for before they send to a topic that is not there yet. */
    private static final String TEMPLATE = "TBW102";

    /** A broker process: what is known of one address. */
    private static final class Node {
        final String cluster;
        final String brokerName;
        final long brokerId;
        final String address;
        final Object connection;
        DataVersion version;
        String haAddress;
        long timeoutMillis;
        long seenAt;

        Node(
                String cluster,
                String brokerName,
                long brokerId,
                String address,
                Object connection,
                DataVersion version,
                String haAddress) {
            this.cluster = cluster;
            this.brokerName = brokerName;
            this.brokerId = brokerId;
            this.address = address;
            this.connection = connection;
            this.version = version;
            this.haAddress = haAddress;
        }
    }

    private final long defaultTimeoutMillis;
    private final Map<String, Node> nodesByAddress = new HashMap<>();
    /** The nodes of each broker name by id; no entry is empty. */
    private final NavigableMap<String, SortedMap<Long, Node>> nodesByName = new TreeMap<>();
    /** Topic, then broker name; no entry is empty. */
    private final Map<String, SortedMap<String, QueueData>> topics = new HashMap<>();
    /** The other way round. */
    private final Map<String, Set<String>> topicsByName = new HashMap<>();

    RouteTable(Duration defaultTimeout) {
        this.defaultTimeoutMillis = defaultTimeout.toMillis();
    }

    /** Who a broker says it is. {@code timeoutMillis} is -1 for this server's own. */
    record Broker(
            String cluster, String brokerName, long brokerId, String address, String haAddress, long timeoutMillis) {}

    /** What a registering broker is told: the address and the replication address of the one with id 0. */
    record Master(String address, String haAddress) {}

    /**
     * Takes what a broker says about itself. The topics are those of the broker with the lowest id: what it no longer
     * names is gone.
     *
     * <p>Of two brokers that claim id 0 under one name, the one with the higher state version has it, which in a group
     * of nodes is the term of the leader: who led before can not take it back.
     *
     * @param connection whose loss means the broker's loss
     * @return empty when no other broker of that name has id 0
     */
    synchronized Optional<Master> register(Broker broker, RegisterBrokerBody body, Object connection, long now) {
        if (isSuperseded(broker, body.version())) {
            return master(broker.brokerName());
        }
        Node sameId = nodes(broker.brokerName()).get(broker.brokerId());
        if (sameId != null) {
            remove(sameId);
        }
        Node sameAddress = nodesByAddress.get(broker.address());
        if (sameAddress != null) {
            remove(sameAddress);
            if (!sameAddress.brokerName.equals(broker.brokerName())) {
                forgetTopicsOfTheGone(sameAddress.brokerName);
            }
        }
        Node node = new Node(
                broker.cluster(),
                broker.brokerName(),
                broker.brokerId(),
                broker.address(),
                connection,
                body.version(),
                broker.haAddress());
        node.timeoutMillis = broker.timeoutMillis() > 0 ? broker.timeoutMillis() : defaultTimeoutMillis;
        node.seenAt = now;
        nodesByAddress.put(broker.address(), node);
        nodesByName
                .computeIfAbsent(broker.brokerName(), name -> new TreeMap<>())
                .put(broker.brokerId(), node);
        if (nodes(broker.brokerName()).firstKey() == broker.brokerId()) {
            replaceTopics(broker.brokerName(), body.topics());
        }
        return master(broker.brokerName()).filter(master -> broker.brokerId() != 0);
    }

    private boolean isSuperseded(Broker broker, DataVersion version) {
        Node leader = nodes(broker.brokerName()).get(0L);
        return broker.brokerId() == 0
                && leader != null
                && !leader.address.equals(broker.address())
                && leader.version.stateVersion() > version.stateVersion();
    }

    private SortedMap<Long, Node> nodes(String brokerName) {
        return nodesByName.getOrDefault(brokerName, Collections.emptySortedMap());
    }

    private Optional<Master> master(String brokerName) {
        return Optional.ofNullable(nodes(brokerName).get(0L)).map(node -> new Master(node.address, node.haAddress));
    }

    private void remove(Node node) {
        nodesByAddress.remove(node.address);
        SortedMap<Long, Node> others = nodesByName.get(node.brokerName);
        if (others != null && others.remove(node.brokerId, node) && others.isEmpty()) {
            nodesByName.remove(node.brokerName);
        }
    }

    private void forgetTopicsOfTheGone(String brokerName) {
        if (!nodesByName.containsKey(brokerName)) {
            replaceTopics(brokerName, Map.of());
        }
    }

    private void replaceTopics(String brokerName, Map<String, TopicConfig> named) {
        List<String> gone = topicsByName.getOrDefault(brokerName, Set.of()).stream()
                .filter(name -> !named.containsKey(name))
                .toList();
        gone.forEach(name -> removeQueues(name, brokerName));
        named.forEach((name, topic) -> putQueues(name, QueueData.of(brokerName, topic)));
    }

    private void putQueues(String topic, QueueData queues) {
        topics.computeIfAbsent(topic, name -> new TreeMap<>()).put(queues.brokerName(), queues);
        topicsByName
                .computeIfAbsent(queues.brokerName(), name -> new HashSet<>())
                .add(topic);
    }

    private void removeQueues(String topic, String brokerName) {
        SortedMap<String, QueueData> queues = topics.get(topic);
        if (queues != null && queues.remove(brokerName) != null && queues.isEmpty()) {
            topics.remove(topic);
        }
        Set<String> names = topicsByName.get(brokerName);
        if (names != null && names.remove(topic) && names.isEmpty()) {
            topicsByName.remove(brokerName);
        }
    }

    /** Adds to a topic, or changes, the queues of the brokers that are known. */
    synchronized void putTopic(String topic, List<QueueData> queues) {
        for (QueueData queue : queues) {
            if (nodesByName.containsKey(queue.brokerName())) {
                putQueues(topic, queue);
            }
        }
    }

    /** Forgets a topic, in one cluster or, with an empty name, everywhere. */
    synchronized void removeTopic(String topic, String cluster) {
        for (String brokerName : List.copyOf(
                topics.getOrDefault(topic, Collections.emptySortedMap()).keySet())) {
            if (cluster.isEmpty() || isIn(brokerName, cluster)) {
                removeQueues(topic, brokerName);
            }
        }
    }

    private boolean isIn(String brokerName, String cluster) {
        return nodes(brokerName).values().stream().anyMatch(node -> node.cluster.equals(cluster));
    }

    /** A broker says good-bye. */
    synchronized void unregister(String address) {
        forget(List.of(address));
    }

    /** A connection is lost, and with it the brokers that registered through it. */
    synchronized List<String> connectionLost(Object connection) {
        return forget(nodesByAddress.values().stream()
                .filter(node -> node.connection.equals(connection))
                .map(node -> node.address)
                .toList());
    }

    /** Forgets the brokers that are silent for too long; returns their addresses. */
    synchronized List<String> expire(long now) {
        return forget(nodesByAddress.values().stream()
                .filter(node -> now - node.seenAt > node.timeoutMillis)
                .map(node -> node.address)
                .toList());
    }

    private List<String> forget(List<String> addresses) {
        for (String address : addresses) {
            Node node = nodesByAddress.get(address);
            if (node != null) {
                remove(node);
                forgetTopicsOfTheGone(node.brokerName);
            }
        }
        return addresses;
    }

    /** Notes that a broker is alive; false when it is not known. */
    synchronized boolean seen(String address, long now) {
        Node node = nodesByAddress.get(address);
        if (node == null) {
            return false;
        }
        node.seenAt = now;
        return true;
    }

    /** The version of a broker's topics that is known here, or null. */
    synchronized @Nullable DataVersion version(String address) {
        Node node = nodesByAddress.get(address);
        return node == null ? null : node.version;
    }

    /**
     * Where a topic is served; empty when nowhere. The template is served by brokers that take messages only: a
     * producer that once got it without one asks for it never again, and has no route for its new topic until that is
     * there.
     */
    synchronized Optional<TopicRouteData> route(String topic, String orderConf) {
        SortedMap<String, QueueData> queues = topics.get(topic);
        if (queues == null) {
            return Optional.empty();
        }
        List<BrokerData> brokers = queues.keySet().stream()
                .filter(name -> nodesByName.containsKey(name))
                .filter(name -> !topic.equals(TEMPLATE) || nodes(name).containsKey(0L))
                .map(this::broker)
                .toList();
        return brokers.isEmpty()
                ? Optional.empty()
                : Optional.of(new TopicRouteData(orderConf, brokers, List.copyOf(queues.values())));
    }

    /** The addresses of one broker name by id; none if it is not known in that cluster. */
    synchronized SortedMap<Long, String> addresses(String cluster, String brokerName) {
        SortedMap<Long, String> addresses = new TreeMap<>();
        for (Node node : nodes(brokerName).values()) {
            if (node.cluster.equals(cluster)) {
                addresses.put(node.brokerId, node.address);
            }
        }
        return addresses;
    }

    synchronized ClusterInfo cluster() {
        return new ClusterInfo(nodesByName.keySet().stream().map(this::broker).toList());
    }

    private BrokerData broker(String name) {
        SortedMap<Long, String> addresses = new TreeMap<>();
        String cluster = "";
        for (Node node : nodes(name).values()) {
            addresses.put(node.brokerId, node.address);
            cluster = node.cluster;
        }
        return new BrokerData(cluster, name, addresses);
    }

    synchronized List<String> topics() {
        return List.copyOf(new TreeSet<>(topics.keySet()));
    }

    synchronized List<String> topicsOf(String cluster) {
        return topics.entrySet().stream()
                .filter(entry -> entry.getValue().keySet().stream().anyMatch(name -> isIn(name, cluster)))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /**
     * Makes all queues of a broker writable or not until the broker registers its topics anew.
     *
     * @return how many topics it serves
     */
    synchronized int setWritable(String brokerName, boolean writable) {
        Set<String> served = topicsByName.getOrDefault(brokerName, Set.of());
        for (String topic : served) {
            SortedMap<String, QueueData> queues = topics.getOrDefault(topic, Collections.emptySortedMap());
            QueueData queue = queues.get(brokerName);
            if (queue != null) {
                int perm =
                        writable ? queue.perm() | TopicConfig.PERM_READ_WRITE : queue.perm() & ~TopicConfig.PERM_WRITE;
                queues.put(brokerName, queue.withPerm(perm));
            }
        }
        return served.size();
    }
}
