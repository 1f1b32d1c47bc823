/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.Reply;
import org.polymq.broker.security.Access;

/** One request of the API on its way to its route. */
public final class Call {
    private final Access access;
    private final Lane lane;
    private final Map<String, String> path;
    private final Map<String, String> query;
    private final byte[] body;
    private final Json json;
    private final Route route;
    private String target = "";

    /** @throws BrokerException INVALID_REQUEST if it has a parameter or a body that the route does not take */
    Call(
            Access access,
            Lane lane,
            Route route,
            Map<String, String> path,
            Map<String, String> query,
            byte[] body,
            Json json) {
        this.route = route;
        this.access = access;
        this.lane = lane;
        this.path = Map.copyOf(path);
        this.query = Map.copyOf(query);
        this.body = body;
        this.json = json;
        for (String parameter : query.keySet()) {
            if (!takes(parameter)) {
                throw new BrokerException(
                        Reason.INVALID_REQUEST,
                        "there is no parameter '" + parameter + "' here; there is "
                                + (route.parameters().isEmpty()
                                        ? "none"
                                        : route.parameters().stream()
                                                .map(Route.Parameter::name)
                                                .toList()));
            }
        }
        if (route.takes() == null && !new String(body, UTF_8).matches("\\s*(\\{\\s*})?\\s*")) {
            throw new BrokerException(Reason.INVALID_REQUEST, "this call takes no body");
        }
    }

    private boolean takes(String parameter) {
        return route.parameters().stream().anyMatch(one -> one.name().equals(parameter));
    }

    private @Nullable String given(String parameter) {
        if (!takes(parameter)) {
            throw new IllegalStateException(route.name() + " does not say that it takes " + parameter);
        }
        return query.get(parameter);
    }

    /** Says for the audit log what the call is about, where the path does not. */
    public void about(String what) {
        target = what;
    }

    String target() {
        return target;
    }

    /** Who calls, and what that one may do. */
    public Access access() {
        return access;
    }

    /** Where replies run. */
    public Lane lane() {
        return lane;
    }

    /** What stands in the place of {@code {name}} of the route's path. */
    public String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no {" + name + "}");
        }
        return value;
    }

    /** A parameter of the query, or this default. */
    public String query(String name, String otherwise) {
        String value = given(name);
        return value == null ? otherwise : value;
    }

    /** A parameter of the query that has to be there; INVALID_REQUEST otherwise. */
    public String query(String name) {
        String value = given(name);
        if (value == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the parameter " + name + " is missing");
        }
        return value;
    }

    /** A parameter of the query that is a number of a range; INVALID_REQUEST if it is none. */
    public long number(String name, long otherwise, long least, long most) {
        String value = given(name);
        if (value == null || value.isEmpty()) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, name + " is '" + value + "', which is no number", e);
        }
        throw new BrokerException(
                Reason.INVALID_REQUEST, name + " is " + value + "; it has to be " + least + " to " + most);
    }

    /** A parameter of the query that is a time, to ms since the epoch. */
    public long time(String name, long otherwise) {
        String value = given(name);
        return value == null || value.isEmpty() ? otherwise : Texts.instant(value);
    }

    /** A parameter of the query that is true or false. */
    public boolean flag(String name, boolean otherwise) {
        String value = given(name);
        if (value == null || value.isEmpty()) {
            return otherwise;
        }
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new BrokerException(
                        Reason.INVALID_REQUEST, name + " is '" + value + "'; it has to be true or false");
        };
    }

    /** What stands in the place of {@code {name}}, which has to be a number that is not negative. */
    public long pathNumber(String name) {
        try {
            long number = Long.parseLong(path(name));
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new BrokerException(Reason.INVALID_REQUEST, "'" + path(name) + "' is no number", e);
        }
        throw new BrokerException(Reason.INVALID_REQUEST, "'" + path(name) + "' is negative");
    }

    /** A reply that shows its value as the API does. */
    public static <T> Reply<T> mapped(Reply<Object> reply, Function<T, Object> view) {
        return Reply.of(value -> reply.ok(view.apply(value)), reply::failed);
    }

    /** The body as this type; INVALID_REQUEST if it is none. */
    public <T> T body(Class<T> type) {
        if (route.takes() != type) {
            throw new IllegalStateException(route.name() + " does not say that it takes " + type);
        }
        return json.read(body, type);
    }
}
