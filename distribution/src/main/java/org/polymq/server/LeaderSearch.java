/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.server;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.config.ClusterConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds who leads a group by asking its nodes, beginning with the one that led last, until one answers or the patience
 * is over. Safe from any thread.
 */
final class LeaderSearch {
    private static final Logger log = LoggerFactory.getLogger(LeaderSearch.class);

    /** As long as an election takes, and some. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(8);

    private static final long PAUSE_MILLIS = 100;
    /** Nodes that are asked one after the other without a pause. */
    private static final int HOPS = 3;

    private final String group;
    private final List<Place> nodes;
    private final Supplier<Optional<GroupMember>> own;
    private volatile @Nullable Place leader;

    /** Where a node is asked. */
    private record Place(String host, int port) {
        /** Of a member as it is named between nodes, {@code host:port:number}. */
        static Place of(String member) {
            int number = member.lastIndexOf(':');
            int port = member.lastIndexOf(':', number - 1);
            if (port < 1) {
                throw new IllegalArgumentException(member + " is no node of a group");
            }
            return new Place(member.substring(0, port), Integer.parseInt(member.substring(port + 1, number)));
        }
    }

    /** What is asked of a leader. */
    interface Question<T> {
        /** Asks the node of this process. */
        CompletionStage<Heard<T>> here(GroupMember member);

        /** Asks another one; may fail. */
        CompletionStage<Heard<T>> there(String host, int port);
    }

    /** What a node said. */
    sealed interface Heard<T> {
        /** What was asked for. */
        record Done<T>(T answer) implements Heard<T> {}

        /** Where else to ask, or why not here. */
        record Words<T>(LinkReply reply) implements Heard<T> {}
    }

    /**
     * Of a group.
     *
     * @param nodes where they are asked
     * @param own the node of this process, if it is of the group
     */
    LeaderSearch(String group, List<ClusterConfig.Node> nodes, Supplier<Optional<GroupMember>> own) {
        this.group = group;
        this.nodes =
                nodes.stream().map(each -> new Place(each.host(), each.port())).toList();
        this.own = own;
    }

    /** The one that led last leads no more. */
    void forget() {
        leader = null;
    }

    /** The same where everybody waits for a leader in any case. */
    <T> CompletionStage<T> ask(EventLoop loop, Question<T> question) {
        return ask(loop, question, () -> {});
    }

    /**
     * Asks until somebody answers. Fails with UNAVAILABLE or LIMIT_EXCEEDED. Completes on the loop.
     *
     * @param leaderless is run on the loop, once at most, when those that were asked first know no leader
     */
    <T> CompletionStage<T> ask(EventLoop loop, Question<T> question, Runnable leaderless) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Asking<T> asking = new Asking<>(loop, question, answer, leaderless);
        if (loop.inEventLoop()) {
            asking.begin();
        } else {
            loop.execute(asking::begin);
        }
        return answer;
    }

    /** One question on its way. Confined to its event loop. */
    private final class Asking<T> {
        private final EventLoop loop;
        private final Question<T> question;
        private final CompletableFuture<T> answer;
        private final Runnable leaderless;
        private final long deadline = System.nanoTime() + PATIENCE_NANOS;
        private int next;
        private int hops;
        private boolean told;
        private String last = "nobody was asked";

        private Asking(EventLoop loop, Question<T> question, CompletableFuture<T> answer, Runnable leaderless) {
            this.loop = loop;
            this.question = question;
            this.answer = answer;
            this.leaderless = leaderless;
        }

        /** The node of this process knows who leads, if it is of the group; else the one that led last may. */
        private void begin() {
            Optional<GroupMember> member = own.get();
            if (member.isPresent()) {
                hear(null, question.here(member.get()));
            } else {
                elsewhere();
            }
        }

        private void elsewhere() {
            Place led = leader;
            if (led != null) {
                there(led);
            } else {
                there(nodes.get(next++ % nodes.size()));
            }
        }

        private void there(Place place) {
            hear(place, question.there(place.host(), place.port()));
        }

        private void hear(@Nullable Place from, CompletionStage<Heard<T>> heard) {
            heard.whenComplete((said, error) -> {
                if (loop.inEventLoop()) {
                    heard(from, said, error);
                } else {
                    loop.execute(() -> heard(from, said, error));
                }
            });
        }

        private void heard(@Nullable Place from, @Nullable Heard<T> said, @Nullable Throwable error) {
            if (said instanceof Heard.Done<T> done) {
                if (from != null) {
                    leader = from;
                }
                answer.complete(done.answer());
            } else if (said instanceof Heard.Words<T> words) {
                follow(from, words.reply());
            } else {
                unknown(from, String.valueOf(error instanceof CompletionException ? error.getCause() : error));
            }
        }

        private void follow(@Nullable Place from, LinkReply reply) {
            if (reply instanceof LinkReply.Elsewhere elsewhere) {
                Place named;
                try {
                    named = Place.of(elsewhere.member());
                } catch (IllegalArgumentException e) {
                    unknown(from, String.valueOf(e.getMessage()));
                    return;
                }
                last = elsewhere.member() + " is to lead";
                leader = named;
                if (hops++ < HOPS) {
                    there(named);
                } else {
                    again();
                }
            } else if (reply == LinkReply.Plain.FULL) {
                answer.completeExceptionally(new BrokerException(
                        Reason.UNAVAILABLE,
                        "group " + group + " takes no more clients of gateways, or no more of this address"
                                + " (cluster.streams, limits.connections-per-address)"));
            } else {
                unknown(from, "its nodes know no leader that serves clients");
            }
        }

        /** That node does not know. */
        private void unknown(@Nullable Place from, String why) {
            last = why;
            if (from != null && from.equals(leader)) {
                leader = null;
            }
            again();
        }

        private void again() {
            if (System.nanoTime() >= deadline) {
                log.info("group {} has no leader within reach, who wants it has to try again: {}", group, last);
                answer.completeExceptionally(new BrokerException(
                        Reason.UNAVAILABLE,
                        "group " + group + " has no leader within reach right now (" + last + "): try again"));
                return;
            }
            if (!told) {
                told = true;
                loop.execute(leaderless);
            }
            hops = 0;
            loop.schedule(this::turn, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }

        /** With a member here that is the best to ask; it hears of a new leader at once. Others are asked in turn. */
        private void turn() {
            if (next++ % 2 == 0) {
                begin();
            } else {
                elsewhere();
            }
        }
    }
}
