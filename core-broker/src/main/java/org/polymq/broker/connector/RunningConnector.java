/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.connector;

/**
 * A connector that was started. Called by one thread at a time, {@link #status} by any. Every method but that may
 * block; the {@link ConnectorRunner} bounds it.
 */
public interface RunningConnector {
    /** How it is doing. Never blocks and runs no foreign code. */
    ConnectorStatus status();

    /** Nothing moves until {@link #resume}; connections stay. */
    void pause();

    void resume();

    /**
     * Starts one task anew, failed or not.
     *
     * @throws org.polymq.broker.BrokerException INVALID_REQUEST if there is no such task
     */
    void restart(int task);

    /** Finishes what is under way, saves positions and ends every thread. Interrupted when it takes too long. */
    void stop();
}
