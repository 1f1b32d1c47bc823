/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

import org.polymq.broker.connector.ConnectorStatus.Task;

/** One task of a connector, wherever it runs. {@link #status} is safe from any thread, the rest from one at a time. */
interface ConnectorTask {
    void start();

    void signalStop();

    /** Waits for its end, and gives it up if it takes too long. */
    void awaitStop();

    default void restart() {
        signalStop();
        awaitStop();
        start();
    }

    void pause();

    void resume();

    Task status();
}
