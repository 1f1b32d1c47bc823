/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.dashboard.api;

import java.util.Map;
import org.polymq.broker.BrokerException;
import org.polymq.broker.Lane;
import org.polymq.broker.Reason;
import org.polymq.broker.security.Access;

/** One request of the API on its way to its route. */
public final class Call {
    private final Access access;
    private final Lane lane;
    private final Map<String, String> path;
    private final Map<String, String> query;
    private final byte[] body;
    private final Json json;
    private String target = "";

    Call(Access access, Lane lane, Map<String, String> path, Map<String, String> query, byte[] body, Json json) {
        this.access = access;
        this.lane = lane;
        this.path = Map.copyOf(path);
        this.query = Map.copyOf(query);
        this.body = body;
        this.json = json;
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
        return query.getOrDefault(name, otherwise);
    }

    /** A parameter of the query that has to be there; INVALID_REQUEST otherwise. */
    public String query(String name) {
        String value = query.get(name);
        if (value == null) {
            throw new BrokerException(Reason.INVALID_REQUEST, "the parameter " + name + " is missing");
        }
        return value;
    }

    /** The body as this type; INVALID_REQUEST if it is none. */
    public <T> T body(Class<T> type) {
        return json.read(body, type);
    }
}
