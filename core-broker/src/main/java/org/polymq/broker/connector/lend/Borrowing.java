/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector.lend;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.polymq.broker.Awaited;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.Message;
import org.polymq.broker.publish.Stored;

/**
 * The tasks of one source that is spread over the groups, as the leader of a group borrows them from the one of the
 * first group, which stores what they bring. {@link #serve} is called by one thread, the rest by any.
 */
public final class Borrowing {
    private final String connector;
    private final LendingGroups groups;

    /** Of one connector. */
    public Borrowing(String connector, LendingGroups groups) {
        this.connector = connector;
        this.groups = groups;
    }

    /** A task that is lent. */
    public interface Task {
        /** Which of them, from 0. */
        int number();

        /** How many the source has. */
        int tasks();

        /** The connector's configuration with its secrets in their places: not for logs. */
        Map<String, String> config();

        /** What the plugin gave for this task. */
        Map<String, String> properties();

        /** Where it stores what it brings: refuses everything when the task is not lent any more. */
        SourceLog log();
    }

    /** Who does the work. Called on the thread of {@link #serve}; may block. */
    public interface Worker {
        /** The first group's leader takes this group's part in it. */
        void opened();

        void begin(Task task);

        /** Ends a task: what it has brought is stored still until this returns. */
        void end(Task task);
    }

    /**
     * Borrows tasks until the stream is over; the worker ends those that it has then.
     *
     * @throws BrokerException UNAVAILABLE if the first group has no leader within reach
     */
    public void serve(Worker worker) throws InterruptedException {
        Stream stream = new Stream();
        Channel channel = open(stream);
        try {
            LendChannel.say(channel, new LendFrame.Hello(connector, groups.slot()));
            worker.opened();
            stream.serve(worker, channel);
        } finally {
            channel.close();
            stream.over();
        }
    }

    private Channel open(Stream stream) throws InterruptedException {
        CompletableFuture<Channel> opening = groups.openHome(stream).toCompletableFuture();
        try {
            return opening.get();
        } catch (ExecutionException e) {
            throw new BrokerException(
                    Reason.UNAVAILABLE,
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()),
                    e);
        } catch (InterruptedException e) {
            opening.thenAccept(Channel::close);
            throw e;
        }
    }

    /** The end of the stream that borrows. */
    private static final class Stream extends LendChannel {
        /** What was heard; empty: the stream is over. */
        private final BlockingQueue<Optional<LendFrame>> heard = new LinkedBlockingQueue<>();

        private final Map<Long, Reply<List<Stored>>> waiting = new ConcurrentHashMap<>();
        private final AtomicLong requests = new AtomicLong();
        private volatile boolean over;

        private void serve(Worker worker, Channel channel) throws InterruptedException {
            Map<Long, Lent> lent = new HashMap<>();
            for (Optional<LendFrame> next = heard.take(); next.isPresent(); next = heard.take()) {
                if (next.get() instanceof LendFrame.Begin begin) {
                    Lent task = new Lent(begin, this, channel);
                    lent.put(begin.loan(), task);
                    worker.begin(task);
                } else if (next.get() instanceof LendFrame.End end) {
                    Lent task = lent.remove(end.loan());
                    if (task != null) {
                        worker.end(task);
                    }
                    say(channel, new LendFrame.Ended(end.loan()));
                }
            }
        }

        @Override
        void heard(Channel from, LendFrame frame) {
            if (frame instanceof LendFrame.Kept kept) {
                answer(kept.request()).ifPresent(reply -> reply.ok(kept.stored()));
            } else if (frame instanceof LendFrame.Refused refused) {
                answer(refused.request())
                        .ifPresent(reply -> reply.failed(new BrokerException(refused.reason(), refused.message())));
            } else {
                heard.add(Optional.of(frame));
            }
        }

        private Optional<Reply<List<Stored>>> answer(long request) {
            return Optional.ofNullable(waiting.remove(request));
        }

        @Override
        void over() {
            over = true;
            heard.add(Optional.empty());
            waiting.keySet().forEach(each -> answer(each).ifPresent(reply -> reply.failed(lost())));
        }

        private static BrokerException lost() {
            return new BrokerException(
                    Reason.OUTCOME_UNKNOWN, "the stream to the leader that stores what the source brings is over");
        }

        private void store(
                long loan,
                List<Message> messages,
                Map<String, String> positions,
                Channel to,
                Reply<List<Stored>> reply) {
            long request = requests.incrementAndGet();
            waiting.put(request, reply);
            try {
                say(to, new LendFrame.Store(loan, request, messages, positions));
            } catch (BrokerException refused) { // a message that can be none
                answer(request).ifPresent(each -> each.failed(refused));
            }
            if (over) { // perhaps since before it was waited for
                answer(request).ifPresent(each -> each.failed(lost()));
            }
        }
    }

    /** A task that is lent, and how far it is. */
    private static final class Lent implements Task, SourceLog {
        private final LendFrame.Begin begun;
        private final Stream stream;
        private final Channel channel;
        private final Map<String, String> positions;

        private Lent(LendFrame.Begin begun, Stream stream, Channel channel) {
            this.begun = begun;
            this.stream = stream;
            this.channel = channel;
            this.positions = new ConcurrentHashMap<>(begun.positions());
        }

        @Override
        public int number() {
            return begun.task();
        }

        @Override
        public int tasks() {
            return begun.tasks();
        }

        @Override
        public Map<String, String> config() {
            return begun.config();
        }

        @Override
        public Map<String, String> properties() {
            return begun.properties();
        }

        @Override
        public SourceLog log() {
            return this;
        }

        @Override
        public List<Stored> store(List<Message> messages, Map<String, String> reached) throws InterruptedException {
            List<Stored> stored = Awaited.get(reply -> stream.store(begun.loan(), messages, reached, channel, reply));
            reached.forEach((key, value) -> {
                if (value.isEmpty()) {
                    positions.remove(key);
                } else {
                    positions.put(key, value);
                }
            });
            return stored;
        }

        @Override
        public Map<String, String> positions() {
            return new HashMap<>(positions);
        }
    }
}
