/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.group;

import java.util.List;
import org.polymq.broker.Done;
import org.polymq.broker.Lane;
import org.polymq.broker.Reply;
import org.polymq.broker.state.Committer;

/** How native groups consume topics: by pulling queues, unless an operator said by POP. Safe from any thread. */
public final class RequestModes {
    private final RequestModesView view;
    private final Committer committer;

    public RequestModes(RequestModesView view, Committer committer) {
        this.view = view;
        this.committer = committer;
    }

    public RequestMode of(String group, String topic) {
        return view.get(group, topic);
    }

    /** Says how the group consumes the topic from now on; in the log when the reply comes. */
    public void set(String group, String topic, RequestMode mode, Lane lane, Reply<Done> reply) {
        committer.<Done>control(
                List.of(RequestModesView.record(group, topic, mode)), lane, reply, results -> Done.DONE);
    }
}
