/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.message.StoredMessage;
import org.polymq.broker.timer.PendingTimer;

/** Messages that are stored and not due yet, over HTTP: listed by when they are due, and taken back. */
final class DelayedRoutes {
    private static final Pattern ID = Pattern.compile("(\\d{1,18})-(\\d{1,18})");
    private static final PendingTimer BEGINNING = new PendingTimer(0, -1);

    private final Broker broker;
    private final Aside aside;

    DelayedRoutes(Broker broker) {
        this.broker = broker;
        this.aside = new Aside(broker.coldReads());
    }

    List<Route> routes() {
        return List.of(
                Route.get("delayed", "delayed list", this::list)
                        .says("Messages that are not due yet, the earliest first; retries of RocketMQ clients are among"
                                + " them. Needs MANAGE on the cluster.")
                        .pages("delayed", Row.class),
                Route.delete("delayed/{id}", "delayed cancel", this::cancel)
                        .says("Takes a message back that is not due yet; nobody will see it. Needs MANAGE on the"
                                + " cluster."));
    }

    /** @param id when it is due in ms since the epoch, and its position */
    private record Row(String id, String due, String topic, String storedAt, String origin, int size, String preview) {}

    private void list(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Page page = Page.of(call);
        PendingTimer last = page.after() == null ? BEGINNING : parse(page.after());
        aside.run(call, reply, () -> {
            List<PendingTimer> waiting = broker.timers().waiting(last, page.limit() + 1);
            boolean more = waiting.size() > page.limit();
            List<PendingTimer> shown = more ? waiting.subList(0, page.limit()) : waiting;
            List<Row> rows = new ArrayList<>();
            shown.forEach(timer -> row(timer, rows));
            Map<String, Object> answer = new TreeMap<>(Map.of("delayed", rows));
            if (more) {
                answer.put("next", id(shown.get(shown.size() - 1)));
            }
            return answer;
        });
    }

    /** One that became due meanwhile, and cannot be read any more, is left out. */
    private void row(PendingTimer timer, List<Row> rows) {
        StoredMessage stored;
        try {
            stored = broker.messages().read(timer.position());
        } catch (BrokerException gone) {
            if (gone.reason() == Reason.UNAVAILABLE) {
                return;
            }
            throw gone;
        }
        MessageViews.Body body = MessageViews.body(stored, MessageViews.PREVIEW);
        rows.add(new Row(
                id(timer),
                Texts.time(timer.due()),
                stored.address().name(),
                Texts.time(stored.storeTime()),
                MessageViews.origin(stored),
                body.size(),
                body.content()));
    }

    private void cancel(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        broker.timers()
                .cancel(
                        parse(call.path("id")),
                        call.lane(),
                        Reply.of(
                                done -> reply.ok(Route.Done.DONE),
                                refused -> reply.failed(
                                        refused.reason() == Reason.OFFSET_OUT_OF_RANGE
                                                ? new BrokerException(
                                                        Reason.TOPIC_NOT_FOUND,
                                                        String.valueOf(refused.getMessage()),
                                                        refused)
                                                : refused)));
    }

    private static String id(PendingTimer timer) {
        return timer.due() + "-" + timer.position();
    }

    private static PendingTimer parse(String id) {
        Matcher parts = ID.matcher(id);
        if (!parts.matches()) {
            throw new BrokerException(Reason.INVALID_REQUEST, "'" + id + "' is no id of a delayed message");
        }
        return new PendingTimer(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
    }
}
