/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import java.util.concurrent.Callable;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkTask;
import org.apache.kafka.connect.source.SourceTask;

/** What a task does on its thread, from its start to its end. */
interface Work {
    /**
     * What a plugin's task does.
     *
     * @param maker makes the task
     * @throws ConnectException if it cannot be made
     */
    static Work of(TaskSettings settings, Callable<? extends Task> maker) {
        Task task;
        try {
            task = Foreign.call(settings.classes(), maker);
        } catch (Exception e) {
            throw new ConnectException("the plugin's task cannot be made: " + Texts.describe(e), e);
        }
        if (task instanceof SourceTask source) {
            return new SourceWork(settings, source);
        }
        if (task instanceof SinkTask sink) {
            return new SinkWork(settings, sink);
        }
        throw new ConnectException(task.getClass().getName() + " is neither a source's nor a sink's task");
    }

    /** Works until it is told to stop, then saves what is done and stops the plugin. */
    void run() throws Exception;

    /** Tells it to end; ends waits. Any thread. */
    void signalStop();

    /** It did not end in time and is left behind: nothing it still does may reach the broker. Any thread. */
    void abandon();

    void pause();

    void resume();
}
