/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.polymq.remoting.wire.body.TopicConfig;
import org.polymq.remoting.wire.header.BrokerIdentity;

/**
 * The broker's side: keeps a broker known at every name server.
 *
 * <p>Each name server has one connection. Over it goes the version of the topics every interval, all topics when that
 * version is unknown there, and each changed topic at once. A lost connection is opened again, after one second at
 * first and ten at most. Safe from any thread; everything runs on one of the given event loops.
 */
public final class Registration implements AutoCloseable {
    /** As often as RocketMQ's brokers. */
    public static final Duration INTERVAL = Duration.ofSeconds(30);

    private static final long CLOSE_MILLIS = 1000;

    private final List<RegistrationLink> links;

    private Registration(List<RegistrationLink> links) {
        this.links = links;
    }

    /** Starts to register with each of the name servers; an empty list does nothing. */
    public static Registration open(
            EventLoopGroup loops,
            List<InetSocketAddress> nameServers,
            BrokerIdentity broker,
            String haServerAddress,
            BrokerProof proof,
            TopicTable topics,
            Duration interval) {
        EventLoop loop = loops.next();
        List<RegistrationLink> links = nameServers.stream()
                .map(address -> new RegistrationLink(loop, address, broker, haServerAddress, proof, topics, interval))
                .toList();
        links.forEach(RegistrationLink::start);
        return new Registration(links);
    }

    /** Done when every name server has answered a whole registration once. */
    public CompletionStage<Void> registered() {
        return CompletableFuture.allOf(
                links.stream().map(RegistrationLink::registered).toArray(CompletableFuture[]::new));
    }

    /** A topic was made or changed: every name server is told at once. */
    public void topicChanged(TopicConfig topic) {
        links.forEach(link -> link.topicChanged(topic));
    }

    /** Topics were removed: every name server gets all topics at once. */
    public void topicsRemoved() {
        links.forEach(RegistrationLink::registerNow);
    }

    /**
     * From now on the broker is known as this one, with these topics: every name server is told at once. The address
     * stays the same.
     */
    public void become(BrokerIdentity broker, TopicTable topics) {
        links.forEach(link -> link.become(broker, topics));
    }

    /** Takes the broker off every name server; waits at most a second. */
    @Override
    public void close() {
        CompletableFuture<Void> all = CompletableFuture.allOf(
                links.stream().map(RegistrationLink::close).toArray(CompletableFuture[]::new));
        all.completeOnTimeout(null, CLOSE_MILLIS, TimeUnit.MILLISECONDS).join();
    }
}
