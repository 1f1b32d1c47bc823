/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.polymq.broker.connector.ConnectorCounters.Counts;
import org.polymq.broker.connector.ConnectorStatus.State;
import org.polymq.broker.connector.ConnectorStatus.Task;

/**
 * How a connector that is spread is doing in one group. Of errors the first {@value #MOST_LETTERS} letters are told,
 * and of tasks the first {@value #MOST_TASKS}, so that a report has a bound.
 *
 * @param lag messages that wait for it in that group's log
 */
public record ConnectorReport(String name, ConnectorStatus status, Counts counts, long lag) {
    private static final int MOST_LETTERS = 200;
    private static final int MOST_TASKS = 40;

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(name);
            write(status.state(), status.error(), out);
            List<Task> tasks = status.tasks()
                    .subList(0, Math.min(MOST_TASKS, status.tasks().size()));
            out.writeInt(tasks.size());
            for (Task task : tasks) {
                out.writeInt(task.id());
                write(task.state(), task.error(), out);
            }
            out.writeLong(counts.received());
            out.writeLong(counts.sent());
            out.writeLong(counts.errors());
            out.writeLong(counts.retries());
            out.writeLong(counts.restarts());
            out.writeLong(counts.deadLetters());
            out.writeLong(counts.skipped());
            out.writeLong(counts.missed());
            out.writeLong(lag);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    private static void write(State state, String error, DataOutputStream out) throws IOException {
        out.writeUTF(state.name());
        out.writeUTF(error.substring(0, Math.min(MOST_LETTERS, error.length())));
    }

    /** @throws IllegalArgumentException if a state is unknown */
    static ConnectorReport read(DataInput in) throws IOException {
        String name = in.readUTF();
        State state = State.valueOf(in.readUTF());
        String error = in.readUTF();
        List<Task> tasks = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            tasks.add(new Task(in.readInt(), State.valueOf(in.readUTF()), in.readUTF()));
        }
        Counts counts = new Counts(
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
        return new ConnectorReport(name, new ConnectorStatus(state, error, tasks), counts, in.readLong());
    }
}
