/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.connect;

/** What a task does on its thread, from its start to its end. */
interface Work {
    /** Works until it is told to stop, then saves what is done and stops the plugin. */
    void run() throws Exception;

    /** Tells it to end; ends waits. Any thread. */
    void signalStop();

    /** It did not end in time and is left behind: nothing it still does may reach the broker. Any thread. */
    void abandon();

    void pause();

    void resume();
}
