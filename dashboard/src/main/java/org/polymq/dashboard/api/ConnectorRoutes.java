/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.connector.ConfigProblem;
import org.polymq.broker.connector.Connector;
import org.polymq.broker.connector.Connector.Target;
import org.polymq.broker.connector.ConnectorCounters.Counts;
import org.polymq.broker.connector.ConnectorPlugin;
import org.polymq.broker.connector.ConnectorRunner;
import org.polymq.broker.connector.ConnectorStatus;
import org.polymq.broker.connector.ConnectorView;
import org.polymq.broker.security.Action;
import org.polymq.broker.security.Resource;

/** Connectors over HTTP. Who may SUB the cluster sees them; changing them needs MANAGE on it. */
final class ConnectorRoutes {
    private static final String USUAL_KIND = "connect";

    private final ConnectorRunner connectors;

    ConnectorRoutes(ConnectorRunner connectors) {
        this.connectors = connectors;
    }

    List<Route> routes() {
        List<Route> routes = new ArrayList<>(List.of(
                Route.get("connectors", "connector list", this::list)
                        .says("Connectors with how they are doing. Needs SUB on the cluster.")
                        .text("name", "only names that contain this")
                        .pages("connectors", Row.class),
                Route.post("connectors", "connector create", this::create)
                        .says("Makes a connector and starts it. Needs MANAGE on the cluster.")
                        .takes(Wanted.class)
                        .gives(Details.class),
                Route.get("connectors/{name}", "connector show", this::show)
                        .says(
                                "One connector with its configuration, tasks and counts; of one that is spread over groups, asked in the"
                                        + " group that defines it, those of all groups. Needs SUB on the cluster.")
                        .gives(Details.class),
                Route.put("connectors/{name}", "connector change", this::change)
                        .says("Changes the whole configuration of a connector and starts it anew; a value shown as "
                                + Connector.MASK + " stays. Needs MANAGE on the cluster.")
                        .takes(Change.class)
                        .gives(Details.class),
                Route.delete("connectors/{name}", "connector delete", this::delete)
                        .says("Stops and deletes a connector with its positions. Needs MANAGE on the cluster."),
                Route.post("connectors/{name}/tasks/{task}/restart", "connector task restart", this::restartTask)
                        .says(
                                "Starts one task anew, of those that this group runs or has lent to others. Needs MANAGE on the"
                                        + " cluster.")
                        .gives(Details.class),
                Route.post("connectors/{name}/restart", "connector restart", this::restart)
                        .says("Stops a connector and starts it. Needs MANAGE on the cluster.")
                        .gives(Details.class),
                Route.post("connector-checks", "connector validate", this::check)
                        .says("What is wrong with a configuration. Needs MANAGE on the cluster.")
                        .takes(Wanted.class)
                        .lists("problems", ConfigProblem.class),
                Route.get("connector-plugins", "connector plugins", this::plugins)
                        .says("What connectors can be: the plugins that are installed. Needs SUB on the cluster.")
                        .lists("plugins", ConnectorPlugin.class)));
        routes.add(target("pause", Target.PAUSED, "Nothing moves any more; connections stay."));
        routes.add(target("resume", Target.RUNNING, "Has a paused or stopped connector run."));
        routes.add(target("stop", Target.STOPPED, "Ends a connector until it is resumed."));
        return List.copyOf(routes);
    }

    private Route target(String verb, Target target, String meaning) {
        return Route.post("connectors/{name}/" + verb, "connector " + verb, (call, reply) -> {
                    call.access().manageCluster();
                    existing(call);
                    answer(call, reply, connectors.setTarget(call.path("name"), target));
                })
                .says(meaning + " Needs MANAGE on the cluster.")
                .gives(Details.class);
    }

    // ---- what travels

    private record Wanted(
            @Nullable String name,
            @Nullable String kind,
            @Nullable String user,
            @Nullable Boolean paused,
            @Nullable Map<String, String> config) {}

    private record Change(@Nullable String user, @Nullable Map<String, String> config) {}

    private record Row(
            String name,
            String kind,
            String target,
            String state,
            int tasks,
            int failed,
            long lag,
            long received,
            long sent,
            @Nullable String error) {}

    /** @param group the other group that runs it, of a connector that is spread; null: this one */
    private record TaskRow(
            int id,
            @Nullable String group,
            String state,
            @Nullable String error) {}

    /** @param lends whether the tasks of all groups are those of one source, and each can be started anew here */
    private record Details(
            String name,
            String kind,
            String user,
            String target,
            String state,
            @Nullable String error,
            long version,
            String group,
            long lag,
            boolean lends,
            List<TaskRow> tasks,
            Counts counts,
            Map<String, String> config) {}

    private static Row row(ConnectorView view) {
        List<ConnectorStatus.Task> tasks = view.status().tasks();
        long failed = tasks.stream().filter(task -> !task.error().isEmpty()).count();
        String error = tasks.stream()
                .map(ConnectorStatus.Task::error)
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElse(view.status().error());
        return new Row(
                view.connector().name(),
                view.connector().kind(),
                word(view.connector().target()),
                word(state(view.status())),
                tasks.size(),
                (int) failed,
                view.lag(),
                view.counts().received(),
                view.counts().sent(),
                none(error));
    }

    /** A connector is no better than its worst task. */
    private static ConnectorStatus.State state(ConnectorStatus status) {
        ConnectorStatus.State worst = status.state();
        for (ConnectorStatus.Task task : status.tasks()) {
            if (task.state() == ConnectorStatus.State.FAILED
                    || (task.state() == ConnectorStatus.State.RETRYING && worst != ConnectorStatus.State.FAILED)) {
                worst = task.state();
            }
        }
        return worst;
    }

    private static Details details(ConnectorView view) {
        Connector connector = view.connector();
        return new Details(
                connector.name(),
                connector.kind(),
                connector.user(),
                word(connector.target()),
                word(state(view.status())),
                none(view.status().error()),
                connector.version(),
                connector.group(),
                view.lag(),
                view.status().lends(),
                view.status().tasks().stream()
                        .map(task -> new TaskRow(task.id(), none(task.group()), word(task.state()), none(task.error())))
                        .toList(),
                view.counts(),
                connector.shownConfig());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable String none(String text) {
        return text.isEmpty() ? null : text;
    }

    // ---- handlers

    private void list(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        String containing = call.query("name", "");
        reply.ok(Page.of(call)
                .<ConnectorView>answer(
                        "connectors",
                        connectors.all(),
                        view -> view.connector().name(),
                        view -> view.connector().name().contains(containing),
                        ConnectorRoutes::row));
    }

    private void show(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        reply.ok(details(existing(call)));
    }

    private ConnectorView existing(Call call) {
        String name = call.path("name");
        return connectors.all().stream()
                .filter(view -> view.connector().name().equals(name))
                .findFirst()
                .orElseThrow(() -> Page.unknown("connector", name));
    }

    private void create(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Wanted wanted = call.body(Wanted.class);
        String name = name(wanted);
        call.about(name);
        answer(
                call,
                reply,
                connectors.create(
                        name,
                        wanted.kind() == null ? USUAL_KIND : wanted.kind(),
                        user(call, wanted.user()),
                        Boolean.TRUE.equals(wanted.paused()) ? Target.PAUSED : Target.RUNNING,
                        config(wanted.config())));
    }

    private static String name(Wanted wanted) {
        if (wanted.name() == null || wanted.name().isBlank()) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the connector's name is missing");
        }
        return wanted.name();
    }

    private static Map<String, String> config(@Nullable Map<String, String> config) {
        if (config == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the connector's config is missing");
        }
        return new TreeMap<>(config);
    }

    /** A connector acts as the one who made it, unless that one says otherwise. */
    private static String user(Call call, @Nullable String given) {
        return given == null ? call.access().principal().name() : given;
    }

    private void change(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Change change = call.body(Change.class);
        Connector current = existing(call).connector();
        answer(
                call,
                reply,
                connectors.change(
                        current.name(),
                        change.user() == null ? current.user() : change.user(),
                        config(change.config())));
    }

    private void delete(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        existing(call);
        finish(call, reply, connectors.delete(call.path("name")).thenApply(deleted -> Route.Done.DONE));
    }

    private void restart(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        existing(call);
        answer(call, reply, connectors.restart(call.path("name")));
    }

    private void restartTask(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        existing(call);
        int task = (int) Math.min(call.pathNumber("task"), Integer.MAX_VALUE);
        answer(call, reply, connectors.restartTask(call.path("name"), task));
    }

    private void check(Call call, Reply<Object> reply) {
        call.access().manageCluster();
        Wanted wanted = call.body(Wanted.class);
        finish(
                call,
                reply,
                connectors
                        .check(
                                wanted.kind() == null ? USUAL_KIND : wanted.kind(),
                                name(wanted),
                                config(wanted.config()))
                        .thenApply(problems -> Map.of("problems", problems)));
    }

    private void plugins(Call call, Reply<Object> reply) {
        call.access().require(Action.SUB, Resource.CLUSTER);
        finish(call, reply, connectors.plugins().thenApply(plugins -> Map.of("plugins", plugins)));
    }

    private static void answer(Call call, Reply<Object> reply, CompletableFuture<ConnectorView> view) {
        finish(call, reply, view.thenApply(ConnectorRoutes::details));
    }

    private static <T> void finish(Call call, Reply<Object> reply, CompletableFuture<T> result) {
        result.whenComplete((answer, failure) -> call.lane().execute(() -> {
            if (failure == null) {
                reply.ok(answer);
            } else {
                reply.failed(refusal(failure));
            }
        }));
    }

    private static BrokerException refusal(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof BrokerException refused
                ? refused
                : new BrokerException(
                        Reason.INTERNAL,
                        "the broker failed: " + cause.getClass().getSimpleName(),
                        cause);
    }
}
