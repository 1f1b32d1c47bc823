/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.util.List;

/**
 * How a connector is doing.
 *
 * @param error what went wrong last, for people; empty if nothing did
 * @param tasks its parts, each with a state of its own
 * @param lends whether the tasks are those of all groups, as far as they are known here
 */
public record ConnectorStatus(State state, String error, List<Task> tasks, boolean lends) {
    /** The states of connectors and of their tasks. */
    public enum State {
        /** Runs on another node, or nowhere. */
        UNASSIGNED,
        STARTING,
        RUNNING,
        /** It, or a task, failed in a way that another try may help with, and is tried again by itself. */
        RETRYING,
        PAUSED,
        STOPPED,
        /** Does nothing until it is restarted or changed. */
        FAILED
    }

    /**
     * One of its parts.
     *
     * @param error what went wrong last; empty if nothing did
     * @param group the other group of the cluster that runs it; empty: this one does
     */
    public record Task(int id, State state, String error, String group) {
        /** One that this group runs. */
        public Task(int id, State state, String error) {
            this(id, state, error, "");
        }
    }

    public ConnectorStatus {
        tasks = List.copyOf(tasks);
    }

    /** A connector whose tasks run here. */
    public ConnectorStatus(State state, String error, List<Task> tasks) {
        this(state, error, tasks, false);
    }

    /** A connector without tasks. */
    public static ConnectorStatus of(State state, String error) {
        return new ConnectorStatus(state, error, List.of());
    }

    /** Whether it, or a task of it, has failed. */
    public boolean hasFailed() {
        return state == State.FAILED || tasks.stream().anyMatch(task -> task.state() == State.FAILED);
    }
}
