/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.polymq.broker.Broker;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.security.AuditReader;

/** The audit log over HTTP, the newest line first. For administrators of the cluster. */
final class AuditRoutes {
    private final Optional<AuditReader> log;
    private final Aside aside;
    private final Json json = new Json();

    /** @param log empty if no audit log is written */
    AuditRoutes(Broker broker, Optional<AuditReader> log) {
        this.log = log;
        this.aside = new Aside(broker.coldReads());
    }

    List<Route> routes() {
        return List.of(Route.get("audit", "audit list", this::list)
                .says("Lines of the audit log, the newest first. Needs MANAGE on the cluster.")
                .text("user", "only of this user")
                .text("event", "login, login_failed, denied or admin")
                .text("text", "only lines that contain this, in any case")
                .text("from", "at or after this time")
                .text("to", "at or before this time")
                .pages("lines", Line.class));
    }

    private record Line(
            String time,
            String event,
            String user,
            String protocol,
            String address,
            String what,
            Map<String, String> details) {}

    /** What is wanted; times in ms since the epoch. */
    private record Filter(String user, String event, String text, long from, long to) {
        private static Filter of(Call call) {
            return new Filter(
                    call.query("user", ""),
                    call.query("event", ""),
                    call.query("text", "").toLowerCase(Locale.ROOT),
                    call.time("from", 0),
                    call.time("to", Long.MAX_VALUE));
        }

        private boolean matches(JsonNode line, String raw, long at) {
            return (user.isEmpty() || line.path("user").asText().equals(user))
                    && (event.isEmpty() || line.path("event").asText().equals(event))
                    && (text.isEmpty() || raw.toLowerCase(Locale.ROOT).contains(text))
                    && at >= from
                    && at <= to;
        }
    }

    /**
     * Where a page ends: the time of its last line, and how many lines of that time were shown.
     *
     * @param time as the line has it; empty for the beginning
     */
    private record Place(String time, int shown) {
        private static Place of(Page page) {
            String after = page.after() == null ? "" : page.after();
            int slash = after.lastIndexOf('/');
            try {
                return slash < 0 && after.isEmpty()
                        ? new Place("", 0)
                        : new Place(after.substring(0, slash), Integer.parseInt(after.substring(slash + 1)));
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw new BrokerException(Reason.INVALID_REQUEST, "after is nothing that a page said as next", e);
            }
        }

        private Place behind(List<Line> page) {
            String last = page.get(page.size() - 1).time();
            int same =
                    (int) page.stream().filter(line -> line.time().equals(last)).count();
            return new Place(last, last.equals(time) ? shown + same : same);
        }
    }

    private void list(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        if (log.isEmpty()) {
            throw new BrokerException(
                    Reason.NOT_SUPPORTED, "there is no audit log: it is written while security.enabled is true");
        }
        Filter filter = Filter.of(call);
        Page page = Page.of(call);
        aside.run(call, reply, () -> read(log.get(), filter, page));
    }

    private Map<String, Object> read(AuditReader reader, Filter filter, Page page) {
        Place place = Place.of(page);
        long begin = place.time().isEmpty() ? Long.MAX_VALUE : Texts.instant(place.time());
        int[] skip = {place.shown()};
        List<Line> lines = new ArrayList<>();
        boolean[] more = {false};
        try {
            reader.visit(raw -> {
                JsonNode line = json.parse(raw);
                String time = line.path("time").asText();
                long at = time.isEmpty() ? 0 : Texts.instant(time);
                boolean seen =
                        at > begin || !filter.matches(line, raw, at) || (time.equals(place.time()) && skip[0]-- > 0);
                if (!seen && lines.size() == page.limit()) {
                    more[0] = true;
                    return false;
                }
                if (!seen) {
                    lines.add(line(line));
                }
                return at >= filter.from();
            });
        } catch (IOException e) {
            throw new BrokerException(Reason.UNAVAILABLE, "the audit log cannot be read: " + e.getMessage(), e);
        }
        Map<String, Object> answer = new TreeMap<>(Map.of("lines", lines));
        if (more[0]) {
            Place end = place.behind(lines);
            answer.put("next", end.time() + "/" + end.shown());
        }
        return answer;
    }

    private static Line line(JsonNode line) {
        Map<String, String> details = new TreeMap<>();
        line.path("details")
                .properties()
                .forEach(
                        detail -> details.put(detail.getKey(), detail.getValue().asText()));
        return new Line(
                line.path("time").asText(),
                line.path("event").asText(),
                line.path("user").asText(),
                line.path("protocol").asText(),
                line.path("address").asText(),
                line.path("what").asText(),
                details);
    }
}
